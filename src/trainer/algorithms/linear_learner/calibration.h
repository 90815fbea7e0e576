#pragma once

#include <span>
#include <string>

#include "trainer/algorithms/linear_learner/hyperparameters.h"

namespace millrace::linear_learner {

/// A threshold and how good it is.
struct Calibration {
  double threshold = 0;
  double value = 0;  ///< of the criterion, larger is better; of loss_function the accuracy
};

/// Precision, recall and what follows from them; 0 where it is 0 / 0.
struct Confusion {
  double true_positives = 0;
  double false_positives = 0;
  double false_negatives = 0;
  double true_negatives = 0;

  [[nodiscard]] double accuracy() const;
  [[nodiscard]] double precision() const;
  [[nodiscard]] double recall() const;
  /// (1 + beta^2) P R / (beta^2 P + R)
  [[nodiscard]] double f(double beta) const;
};

/// The threshold that is best by the criterion for these rows, where a score above it means
/// class 1. `scores` and `labels` (0 or 1) are as long as each other. Candidates lie midway between
/// neighbouring distinct scores, below all and above all of them; of equally good ones the one with
/// the widest gap around it wins. With precision_at_target_recall the best is the highest precision
/// among thresholds whose recall reaches target_recall; recall_at_target_precision likewise, and
/// where no threshold reaches the target precision, the one of highest precision with value 0.
/// O(n log n).
Calibration calibrate(std::span<const float> scores, std::span<const float> labels,
                      const Hyperparameters& h);

/// The threshold before any calibration: 0.5 of a probability, 0 of a margin.
double natural_threshold(Loss loss);

/// "sampled_accuracy": how the line on early stopping calls the criterion.
std::string criterion_name(const Hyperparameters& h);

/// "binary_f_1.000".
std::string f_name(std::string_view prefix, double beta);

}  // namespace millrace::linear_learner
