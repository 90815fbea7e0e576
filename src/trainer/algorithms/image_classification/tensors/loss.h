#pragma once

#include <torch/types.h>

#include <optional>

namespace millrace::image_classification {

/// How wrong the scores of a batch are, and which way they should go.
struct Loss {
  torch::Tensor mean;      ///< float, one value
  torch::Tensor gradient;  ///< d(mean) / d(logits), float [N, classes]
};

/// What a multi-label image's belonging, or not belonging, to each class counts in the loss; float
/// [classes] both, on the device of the logits.
struct LossWeights {
  torch::Tensor present;
  torch::Tensor absent;
};

/// Cross-entropy of the softmax of `logits`, float [N, classes], with the one class of each image,
/// int64 [N]: the mean over images.
Loss softmax_loss(const torch::Tensor& logits, const torch::Tensor& labels);

/// Binary cross-entropy of the sigmoid of `logits`, float [N, classes], with `targets`, 0 or 1 of
/// the same shape: the mean over images and classes, each term times its weight where there are
/// weights.
Loss sigmoid_loss(const torch::Tensor& logits, const torch::Tensor& targets,
                  const std::optional<LossWeights>& weights);

}  // namespace millrace::image_classification
