#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace millrace::random_cut_forest {

/// How well scores tell anomalies, label 1, from normal rows, label 0.
struct DetectionFigures {
  double threshold = 0;  ///< mean + 3 standard deviations of the scores
  double accuracy = 0;
  double precision = 0;  ///< of the rows called anomalies; 0 where there are none
  double recall = 0;     ///< of the anomalies; 0 where there are none
  double f1 = 0;
};

/// Collects the scores of labelled rows in memory that does not grow with them: the threshold is
/// known only after the last row, so scores are counted in bins 1.2e-5 wide. Those in the
/// threshold's own bin count as normal. Everything counted stands in one vector (16 MiB), which
/// hosts that shared the rows add up.
class Evaluation {
 public:
  Evaluation();

  /// Labels are 0 or 1, scores those of a forest.
  void add(std::span<const float> labels, std::span<const float> scores);
  [[nodiscard]] std::vector<double>& sums() { return sums_; }
  /// Zeros where there were no rows.
  [[nodiscard]] DetectionFigures figures() const;

 private:
  std::vector<double> sums_;
};

}  // namespace millrace::random_cut_forest
