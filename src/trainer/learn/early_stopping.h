#pragma once

#include <algorithm>
#include <cstdint>

namespace millrace {

struct EarlyStoppingOptions {
  std::int64_t min_epochs = 10;  ///< counted from 1
  std::int64_t patience = 5;     ///< epochs in a row without improvement
  double tolerance = 0;          ///< relative gain that must be exceeded
};

/// Decides after each epoch whether to go on: from `min_epochs` on, an epoch whose value is not
/// above the best by more than `tolerance` of it is one without improvement, and `patience` of them
/// in a row end the training.
class EarlyStopping {
 public:
  explicit EarlyStopping(EarlyStoppingOptions options) : options_(options) {}

  /// `epoch` from 1. True: stop now.
  [[nodiscard]] bool after_epoch(std::int64_t epoch, double value) {
    const bool improved = best_ > 0 ? (value - best_) / best_ > options_.tolerance : value > 0;
    best_ = std::max(best_, value);
    if (epoch < options_.min_epochs) return false;
    without_improvement_ = improved ? 0 : without_improvement_ + 1;
    return without_improvement_ >= options_.patience;
  }

  /// For a checkpoint.
  [[nodiscard]] double best() const { return best_; }
  [[nodiscard]] std::int64_t without_improvement() const { return without_improvement_; }
  void resume(double best, std::int64_t without_improvement) {
    best_ = best;
    without_improvement_ = without_improvement;
  }

 private:
  EarlyStoppingOptions options_;
  double best_ = 0;
  std::int64_t without_improvement_ = 0;
};

}  // namespace millrace
