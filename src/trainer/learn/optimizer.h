#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "trainer/learn/optimizer_options.h"

namespace millrace {

/// A tensor to train. MXNet 1.x decays arrays whose names end in _weight or _gamma and no others.
struct TrainedTensor {
  torch::Tensor value;  ///< requires_grad; its grad() is read
  bool decays = false;
};

/// MXNet's update rules. With g the gradient (already divided by the batch size) and wd the weight
/// decay of tensors that decay:
///
///   sgd      m <- momentum m - lr (g + wd w);             w <- w + m
///   nag      m <- momentum m + (g + wd w);                w <- w - lr (g + wd w + momentum m)
///   adam     lr_t = lr sqrt(1 - beta_2^t) / (1 - beta_1^t); w <- w - lr_t m / (sqrt(v) + eps)
///   rmsprop  n <- gamma n + (1 - gamma) g^2;              w <- w - lr g / sqrt(n + eps)
///
/// Source: MXNet 1.3.1, python/mxnet/optimizer.py and src/operator/optimizer_op-inl.h.
class Optimizer {
 public:
  Optimizer(std::vector<TrainedTensor> tensors, OptimizerOptions options);

  /// One update of every tensor from its gradient, at this learning rate; gradients are dropped
  /// afterwards.
  void step(double rate);
  /// Updates made so far.
  [[nodiscard]] std::int64_t updates() const { return updates_; }

  /// For a checkpoint: momentum, first moment or squared gradient of each tensor, and adam's second
  /// moments behind them. To be copied or copied into, not kept.
  [[nodiscard]] std::vector<torch::Tensor> moments() const;
  void resume(std::int64_t updates) { updates_ = updates; }

 private:
  void update(std::size_t i, const torch::Tensor& gradient, double rate);

  std::vector<TrainedTensor> tensors_;
  OptimizerOptions options_;
  std::vector<torch::Tensor> first_;   ///< momentum, first moment or squared gradient
  std::vector<torch::Tensor> second_;  ///< adam's second moment
  std::int64_t updates_ = 0;
};

}  // namespace millrace
