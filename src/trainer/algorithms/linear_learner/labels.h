#pragma once

#include "trainer/algorithms/linear_learner/hyperparameters.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace::linear_learner {

/// Throws Error(Customer) naming the place of the first label of `batch` that the predictor type
/// does not have: another than 0 and 1, or than 0 to num_classes - 1.
void check_labels(const Hyperparameters& h, const TabularChannel& channel,
                  const TabularBatch& batch);

/// Rows of each class so far; whole numbers, as doubles, which hosts add up.
class ClassCounts {
 public:
  explicit ClassCounts(const Hyperparameters& h);
  /// The labels must have been checked. Counts nothing for a regressor.
  void add(const TabularBatch& batch);
  [[nodiscard]] std::vector<double>& counts() { return counts_; }

  /// Throws Error(Customer) naming the channel when all rows are of one class.
  void require_two(const std::string& channel) const;
  /// Negatives over positives; 1 where there are none of either.
  [[nodiscard]] double negatives_over_positives() const;
  /// A weight for each class, proportional to the inverse of its rows, such that rows weigh 1 on
  /// average; 0 for classes without rows.
  [[nodiscard]] std::vector<float> balanced_weights() const;

 private:
  std::vector<double> counts_;
};

}  // namespace millrace::linear_learner
