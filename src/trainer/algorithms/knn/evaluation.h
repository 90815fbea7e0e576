#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "trainer/algorithms/knn/hyperparameters.h"
#include "trainer/tabular/metric_log.h"

namespace millrace::knn {

/// A figure of a model on labelled rows.
struct ModelFigure {
  std::string name;  ///< as metric lines call it
  Figure kind = Figure::Score;
  double value = 0;
};

/// Measures predictions against labels, row by row. Hosts that share the rows first agree on the
/// labels that occur, then add up their sums:
///
///     evaluation.set_labels(cluster.gather(evaluation.labels()));
///     cluster.sum(evaluation.sums());
///
/// Of a classifier: accuracy, and F1 averaged over the labels that occur in the rows or among the
/// predictions, as scikit-learn's f1_score(average="macro"). Of a regressor: the mean squared
/// error.
class Evaluation {
 public:
  explicit Evaluation(PredictorType predictor) : predictor_(predictor) {}

  void add(float label, float predicted);

  /// That occur here, ascending; none of a regressor.
  [[nodiscard]] std::vector<float> labels() const;
  /// Fixes the labels, some of which may come twice, and with them what sums() holds.
  void set_labels(std::span<const float> labels);
  [[nodiscard]] std::span<double> sums() { return sums_; }

  /// From sums(). NaN where there were no rows.
  [[nodiscard]] std::vector<ModelFigure> figures() const;

 private:
  /// Rows of a label, rows taken for it, rows that are both.
  enum : std::size_t { kActual, kPredicted, kBoth, kCounts };

  PredictorType predictor_;
  double rows_ = 0;
  double squared_error_ = 0;
  std::map<float, std::array<double, kCounts>> counts_;
  std::vector<double> sums_;  ///< rows, squared error, then the counts of each label
};

}  // namespace millrace::knn
