#include "trainer/algorithms/linear_learner/tensors/score_sample.h"

#include <algorithm>

#include "trainer/algorithms/linear_learner/linear_model.h"

namespace millrace::linear_learner {
namespace {

/// What the original container was seen to resolve num_calibration_samples=auto to.
constexpr std::int64_t kCalibrationRows = 10'000'000;

}  // namespace

std::int64_t calibration_rows(const Hyperparameters& h, std::int64_t hosts) {
  const std::int64_t all = h.num_calibration_samples.value_or(kCalibrationRows);
  return std::max<std::int64_t>(1, all / hosts);
}

ScoreSample::ScoreSample(const Hyperparameters& h, std::int64_t models, std::int64_t hosts)
    : h_(h),
      models_(models),
      rows_({.rows = calibration_rows(h, hosts)}, static_cast<std::uint64_t>(h.seed)) {}

void ScoreSample::add(std::span<const float> raw, const TabularBatch& batch) {
  TabularBatch rows;
  rows.dense.rows = batch.rows();
  rows.dense.columns = models_;
  rows.dense.label_columns = batch.label_columns();
  rows.dense.labels = batch.labels();
  rows.dense.features.assign(raw.begin(), raw.end());
  answer_scores(h_.effective_loss(), 1, rows.dense.features);
  rows_.add(rows);
}

std::vector<Calibration> ScoreSample::calibrate(Cluster& cluster) const {
  const auto models = static_cast<std::size_t>(models_);
  std::vector<float> flat;
  for (const Row& row : rows_.rows()) {
    flat.push_back(row.labels[0]);
    flat.insert(flat.end(), row.values.begin(), row.values.end());
  }
  flat = cluster.gather(flat);
  const std::size_t rows = flat.size() / (models + 1);
  std::vector<float> labels(rows), column(rows);
  for (std::size_t row = 0; row < rows; ++row) labels[row] = flat[row * (models + 1)];
  std::vector<Calibration> calibrations;
  for (std::size_t m = 0; m < models; ++m) {
    for (std::size_t row = 0; row < rows; ++row) column[row] = flat[row * (models + 1) + 1 + m];
    calibrations.push_back(linear_learner::calibrate(column, labels, h_));
  }
  return calibrations;
}

}  // namespace millrace::linear_learner
