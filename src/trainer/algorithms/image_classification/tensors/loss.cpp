#include "trainer/algorithms/image_classification/tensors/loss.h"

#include <ATen/Functions.h>

namespace millrace::image_classification {

Loss softmax_loss(const torch::Tensor& logits, const torch::Tensor& labels) {
  // The formula is softmax minus one-hot over N; libtorch's own backward pass is taken so that the
  // last bits are its.
  const at::AutoGradMode with_gradient(true);
  const torch::Tensor leaf = logits.detach().requires_grad_();
  const torch::Tensor mean = at::cross_entropy_loss(leaf, labels);
  mean.backward();
  return {.mean = mean.detach(), .gradient = leaf.grad()};
}

Loss sigmoid_loss(const torch::Tensor& logits, const torch::Tensor& targets,
                  const std::optional<LossWeights>& weights) {
  const at::NoGradGuard no_grad;
  // MXNet's LogisticRegressionOutput gives the same gradient: it divides by the classes, and the
  // optimiser by the batch.
  const torch::Tensor scores = logits.detach();
  torch::Tensor share =
      torch::full({}, 1.0 / static_cast<double>(scores.numel()), scores.options());
  if (weights) share = share * at::where(targets.gt(0.5), weights->present, weights->absent);
  // -log(sigmoid(x)) is log(1 + exp(-x)), which overflows for large -x; this does not.
  const torch::Tensor terms =
      scores.clamp_min(0) - scores * targets + scores.abs().neg().exp().log1p();
  return {.mean = (terms * share).sum(), .gradient = (scores.sigmoid() - targets) * share};
}

}  // namespace millrace::image_classification
