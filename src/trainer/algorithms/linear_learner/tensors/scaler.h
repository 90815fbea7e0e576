#pragma once

#include <cstdint>
#include <vector>

#include "trainer/algorithms/linear_learner/hyperparameters.h"
#include "trainer/learn/cluster.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace::linear_learner {

/// What rows are trained as: (x - mean) * factor, (y - label_mean) * label_factor.
struct Scaler {
  std::vector<float> mean;     ///< [features]
  std::vector<float> factor;   ///< [features], 1 / standard deviation
  std::vector<bool> constant;  ///< [features]: did not vary; its factor is 1
  double label_mean = 0;
  double label_scale = 1;  ///< standard deviation, or 1

  /// Changes nothing.
  static Scaler identity(std::int64_t features);
  [[nodiscard]] bool is_identity() const;
};

/// Means and deviations of the rows it is shown. In double precision, about the first row, so that
/// features far from zero lose nothing; O(features) memory.
class ScalerEstimate {
 public:
  explicit ScalerEstimate(std::int64_t features);
  void add(const TabularBatch& batch);
  [[nodiscard]] double rows() const { return sums_.back(); }

  /// Over the rows of all hosts, as normalize_data, unbias_data, normalize_label and unbias_label
  /// say; "auto" is true, of the label for regressors only, of centring only with a bias. A feature
  /// whose deviation is below 1e-12 of its mean counts as constant.
  [[nodiscard]] Scaler finish(const Hyperparameters& h, Cluster& cluster);

 private:
  std::int64_t features_;
  bool label_seen_ = false;
  std::vector<double> origin_;  ///< [features + 1]: the first row's values and label
  std::vector<double> sums_;    ///< [features + 1] sums, as many sums of squares, rows
};

}  // namespace millrace::linear_learner
