#pragma once

#include <torch/types.h>

#include "trainer/convnet/blocked.h"

namespace millrace {

/// A plain [N, C, H, W] in blocked order, and back.
inline torch::Tensor blocked(const torch::Tensor& plain) {
  return plain
      .reshape({plain.size(0), plain.size(1) / kLanes, kLanes, plain.size(2), plain.size(3)})
      .permute({0, 1, 3, 4, 2})
      .contiguous();
}
inline torch::Tensor plain(const torch::Tensor& blocked, const BlockedShape& shape) {
  return blocked.reshape({shape.count, shape.groups(), shape.height, shape.width, kLanes})
      .permute({0, 1, 4, 2, 3})
      .reshape({shape.count, shape.channels, shape.height, shape.width});
}

/// The largest difference as a share of the largest value of the reference, a double tensor.
inline double difference(const torch::Tensor& ours, const torch::Tensor& reference) {
  return ((ours.to(torch::kDouble) - reference).abs().max() / reference.abs().max()).item<double>();
}

}  // namespace millrace
