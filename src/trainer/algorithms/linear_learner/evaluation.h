#pragma once

#include <string>
#include <vector>

#include "trainer/algorithms/linear_learner/hyperparameters.h"
#include "trainer/algorithms/linear_learner/linear_model.h"
#include "trainer/tabular/metric_log.h"

namespace millrace::linear_learner {

/// A figure of a model on labelled rows.
struct ModelFigure {
  std::string name;  ///< as metric lines call it
  Figure kind = Figure::Score;
  double value = 0;
};

/// Measures a saved model on labelled rows, batch after batch, in memory that does not grow with
/// them. Everything counted stands in one vector, which hosts that shared the rows add up.
///
/// Of a binary classifier: accuracy, F, precision, recall at the model's threshold, and the area
/// under the ROC curve, from a histogram of 2^20 scores (what shares a bin, to 1 part in 2,000 of a
/// score, counts as tied). Multiclass: accuracy, top-k accuracy, discounted cumulative gain
/// (1 / log2(1 + rank of the true class), mean), and macro averages over the classes that occur.
/// Regression: mean squared and absolute error, and the root of the former.
class Evaluation {
 public:
  /// `model` must outlive this. Of `h` the settings of losses and metrics are used.
  Evaluation(const LinearModel& model, const Hyperparameters& h);

  /// Labels must have been checked; columns must be those of the model.
  void add(const TabularBatch& batch);
  [[nodiscard]] std::vector<double>& sums() { return sums_; }
  /// The objective first. NaN where there were no rows.
  [[nodiscard]] std::vector<ModelFigure> figures() const;

 private:
  void add_binary(float label, float score);
  void add_multiclass(float label, const float* scores);
  void add_regression(float label, float score);
  void binary_figures(std::vector<ModelFigure>& figures) const;
  void multiclass_figures(std::vector<ModelFigure>& figures) const;
  void regression_figures(std::vector<ModelFigure>& figures) const;

  const LinearModel& model_;
  const Hyperparameters& h_;
  std::vector<double> sums_;
};

}  // namespace millrace::linear_learner
