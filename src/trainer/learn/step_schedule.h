#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace millrace {

/// MXNet's MultiFactorScheduler: the rate is multiplied by `factor` once the number of updates
/// exceeds each step.
class StepSchedule {
 public:
  /// `steps` are in updates, ascending.
  StepSchedule(double rate, double factor, std::vector<std::int64_t> steps)
      : rate_(rate), factor_(factor), steps_(std::move(steps)) {}

  /// The rate of the update with this number; the first update is number 1.
  [[nodiscard]] double rate(std::int64_t update) const {
    double rate = rate_;
    for (const std::int64_t step : steps_) {
      if (update > step) rate *= factor_;
    }
    return rate;
  }

 private:
  double rate_;
  double factor_;
  std::vector<std::int64_t> steps_;
};

}  // namespace millrace
