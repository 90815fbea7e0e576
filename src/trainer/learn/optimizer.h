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
///   adagrad  n <- n + g^2;                                w <- w - lr g / sqrt(n + eps)
///   adadelta n <- rho n + (1 - rho) g^2;  d = sqrt(s + eps) / sqrt(n + eps) g;
///            s <- rho s + (1 - rho) d^2;                  w <- w - lr d
///
/// MXNet's adadelta has no lr; a rate of 1 is its rule.
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

  /// For a checkpoint: momentum, first moment or squared gradient of each tensor, and behind them
  /// adam's second moments or adadelta's squared steps. To be copied or copied into, not kept.
  [[nodiscard]] std::vector<torch::Tensor> moments() const;
  void resume(std::int64_t updates) { updates_ = updates; }

 private:
  void update(std::size_t i, const torch::Tensor& gradient, double rate);

  std::vector<TrainedTensor> tensors_;
  OptimizerOptions options_;
  std::vector<torch::Tensor> first_;   ///< momentum, first moment or squared gradients
  std::vector<torch::Tensor> second_;  ///< adam's second moment, adadelta's squared steps
  std::int64_t updates_ = 0;
};

}  // namespace millrace
