#pragma once

#include <algorithm>

#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/image_classification/hyperparameters.h"
#include "trainer/job/algorithm.h"
#include "trainer/vision/image_batches.h"

namespace millrace::image_classification {

/// Every image once, prepared as validation images are. Batches are as large as pays: what comes
/// out does not depend on it. `target_classes` as LoaderOptions has it.
inline LoaderOptions evaluation_loader(const EvaluateRequest& request, const ImageShape& input,
                                       std::int64_t target_classes = 0) {
  constexpr std::int64_t kBatch = 128;
  constexpr std::int64_t kBatchPixels = std::int64_t{32} * 224 * 224;
  LoaderOptions options;
  options.channels = input.channels;
  options.height = input.height;
  options.width = input.width;
  options.resize = request.resize;
  options.batch = std::clamp<std::int64_t>(kBatchPixels / (input.height * input.width), 1, kBatch);
  options.whole_batches = false;
  options.target_classes = target_classes;
  options.threads = std::max(1, available_cpus() - 1);
  return options;
}

}  // namespace millrace::image_classification
