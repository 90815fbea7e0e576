#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trainer/algorithms/linear_learner/calibration.h"
#include "trainer/algorithms/linear_learner/hyperparameters.h"
#include "trainer/learn/cluster.h"
#include "trainer/tabular/row_sample.h"

namespace millrace::linear_learner {

/// Rows of a host from which thresholds are chosen; of all hosts together num_calibration_samples.
std::int64_t calibration_rows(const Hyperparameters& h, std::int64_t hosts);

/// What the models of a binary classifier answer on a uniform sample of labelled rows, from which
/// each gets its threshold.
///
///     ScoreSample scores(h, models, cluster.size());
///     while (const TabularBatch* batch = pass->next())
///       scores.add(learner.evaluate(*batch, losses), *batch);
///     best.calibrations = scores.calibrate(cluster);
class ScoreSample {
 public:
  ScoreSample(const Hyperparameters& h, std::int64_t models, std::int64_t hosts);

  /// Raw scores [rows, models] of the batch's rows.
  void add(std::span<const float> raw, const TabularBatch& batch);
  /// A threshold for each model, on the rows of all hosts; the same on each of them.
  [[nodiscard]] std::vector<Calibration> calibrate(Cluster& cluster) const;

 private:
  const Hyperparameters& h_;
  std::int64_t models_;
  RowSample rows_;  ///< answered scores as the features of labelled rows
};

}  // namespace millrace::linear_learner
