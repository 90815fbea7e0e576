#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "trainer/algorithms/linear_learner/calibration.h"
#include "trainer/algorithms/linear_learner/hyperparameters.h"

namespace millrace::linear_learner {

/// By what models and epochs are compared.
struct Goal {
  bool larger_is_better = false;

  /// NaN, as of a model that diverged, is worse than everything.
  [[nodiscard]] bool better(double a, double b) const;
  /// Number of the best value; the first of equal ones.
  [[nodiscard]] std::size_t best(std::span<const double> values) const;
};

/// The goal of choosing among a binary classifier's models by calibration, and of everything else.
Goal goal_of(const Hyperparameters& h, bool calibrated);

/// Whether scores are needed to compare models: a binary classifier's, except by loss_function.
bool compares_by_scores(const Hyperparameters& h);

/// Decides after each epoch whether to go on: an epoch improves when the relative gain over the
/// best so far exceeds the tolerance; `patience` epochs in a row that do not end training.
class EarlyStopping {
 public:
  EarlyStopping(Goal goal, std::int64_t patience, double tolerance)
      : goal_(goal), patience_(patience), tolerance_(tolerance) {}

  struct Verdict {
    bool is_best = false;
    bool stop = false;
  };
  Verdict after_epoch(double value);

  /// What a checkpoint keeps.
  [[nodiscard]] std::optional<double> best() const { return best_; }
  [[nodiscard]] std::int64_t without_improvement() const { return without_improvement_; }
  void resume(std::optional<double> best, std::int64_t without_improvement) {
    best_ = best;
    without_improvement_ = without_improvement;
  }

 private:
  Goal goal_;
  std::int64_t patience_;
  double tolerance_;
  std::optional<double> best_;
  std::int64_t without_improvement_ = 0;
};

}  // namespace millrace::linear_learner
