#include "trainer/algorithms/linear_learner/selection.h"

#include <cmath>

namespace millrace::linear_learner {

bool Goal::better(double a, double b) const {
  if (std::isnan(a)) return false;
  if (std::isnan(b)) return true;
  return larger_is_better ? a > b : a < b;
}

std::size_t Goal::best(std::span<const double> values) const {
  std::size_t best = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (better(values[i], values[best])) best = i;
  }
  return best;
}

bool compares_by_scores(const Hyperparameters& h) {
  return h.predictor_type == Predictor::Binary && h.criterion != Criterion::LossFunction;
}

Goal goal_of(const Hyperparameters& h, bool calibrated) {
  return {.larger_is_better = calibrated && compares_by_scores(h)};
}

EarlyStopping::Verdict EarlyStopping::after_epoch(double value) {
  Verdict verdict;
  verdict.is_best = !best_ || goal_.better(value, *best_);
  bool improved = !best_.has_value();
  if (best_) {
    const double gain = goal_.larger_is_better ? value - *best_ : *best_ - value;
    improved = gain > tolerance_ * std::abs(*best_);
  }
  if (verdict.is_best) best_ = value;
  without_improvement_ = improved ? 0 : without_improvement_ + 1;
  verdict.stop = without_improvement_ >= patience_;
  return verdict;
}

}  // namespace millrace::linear_learner
