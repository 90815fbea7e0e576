#pragma once

#include <torch/cuda.h>
#include <torch/types.h>

#include "trainer/vision/image_batches.h"

namespace millrace::image_classification {

/// The batch as float [count, channels, height, width] in channels-last order. On the CPU it is a
/// view: `batch` must outlive it and everything that keeps it for a backward pass.
inline torch::Tensor image_tensor(ImageBatch& batch, const LoaderOptions& options,
                                  torch::Device device) {
  return torch::from_blob(batch.pixels.data(),
                          {batch.count, options.height, options.width, options.channels})
      .permute({0, 3, 1, 2})
      .to(device);
}

/// int64 [count]; of a multi-label batch float [count, classes], 0 or 1. On the CPU a view, too.
inline torch::Tensor label_tensor(ImageBatch& batch, torch::Device device) {
  if (!batch.targets.empty()) {
    return torch::from_blob(
               batch.targets.data(),
               {batch.count, static_cast<std::int64_t>(batch.targets.size()) / batch.count})
        .to(device);
  }
  return torch::from_blob(batch.labels.data(), {batch.count}, torch::kInt64).to(device);
}

inline torch::Device fastest_device() {
  return torch::cuda::is_available() ? torch::kCUDA : torch::kCPU;
}

}  // namespace millrace::image_classification
