#pragma once

#include <cstdint>
#include <vector>

#include "trainer/algorithms/linear_learner/hyperparameters.h"

namespace millrace::linear_learner {

/// Settings of one update, each with a value for every column of the weights.
struct UpdateRates {
  std::vector<float> rate;  ///< learning rate
  std::vector<float> wd;    ///< L2: added to the gradient as wd * w
  std::vector<float> l1;    ///< L1: after the step, w moves towards 0 by rate * l1, not beyond it
};

/// Weights [rows, width] with what their optimiser remembers. One pass over them per step does it
/// all: penalty, moments, step.
///
/// With g the gradient plus wd w:
///
///   sgd      m <- momentum m - rate g;                         w <- w + m
///   adam     w <- w - rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + eps)
///   rmsprop  n <- gamma n + (1 - gamma) g^2;                   w <- w - rate g / sqrt(n + eps)
///
/// which are MXNet's rules (trainer/learn/optimizer.h), with gamma 0.9 and eps 1e-8. L1 is the
/// truncated gradient of Langford, Li and Zhang, "Sparse Online Learning via Truncated Gradient",
/// JMLR 2009, with no threshold: weights become exactly 0.
class TrainedWeights {
 public:
  TrainedWeights(const Hyperparameters& h, std::int64_t rows, std::int64_t width);

  [[nodiscard]] std::vector<float>& values() { return values_; }
  [[nodiscard]] const std::vector<float>& values() const { return values_; }
  /// First and second moment, as far as the optimiser has them; a checkpoint keeps them.
  [[nodiscard]] std::vector<float>& first() { return first_; }
  [[nodiscard]] std::vector<float>& second() { return second_; }

  /// `gradient` [rows, width] times `scale` is the gradient of the mean loss; `number` counts
  /// updates from 1.
  void update(const float* gradient, float scale, const UpdateRates& rates, std::int64_t number);

 private:
  template <Optimizer kRule>
  void update_rows(std::int64_t begin, std::int64_t end, const float* gradient, float scale,
                   const UpdateRates& rates, float correction);

  Optimizer rule_;
  float momentum_, beta_1_, beta_2_;
  std::int64_t rows_, width_;
  std::vector<float> values_, first_, second_;
};

}  // namespace millrace::linear_learner
