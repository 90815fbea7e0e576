#include "trainer/algorithms/linear_learner/tensors/scaler.h"

#include <algorithm>
#include <cmath>

namespace millrace::linear_learner {
namespace {

/// Deviations this much smaller than the mean are what rounding leaves where hosts add up a
/// constant.
constexpr double kConstant = 1e-12;

}  // namespace

Scaler Scaler::identity(std::int64_t features) {
  const auto width = static_cast<std::size_t>(features);
  return {.mean = std::vector<float>(width, 0),
          .factor = std::vector<float>(width, 1),
          .constant = std::vector<bool>(width, false)};
}

bool Scaler::is_identity() const {
  return std::all_of(mean.begin(), mean.end(), [](float value) { return value == 0; }) &&
         std::all_of(factor.begin(), factor.end(), [](float value) { return value == 1; });
}

ScalerEstimate::ScalerEstimate(std::int64_t features)
    : features_(features),
      origin_(static_cast<std::size_t>(features) + 1),
      sums_(2 * (static_cast<std::size_t>(features) + 1) + 1) {}

void ScalerEstimate::add(const TabularBatch& batch) {
  if (batch.rows() == 0) return;
  const auto width = static_cast<std::size_t>(features_);
  const bool first = !label_seen_;
  label_seen_ = true;
  if (first) {
    origin_[width] = static_cast<double>(batch.labels()[0]);
    // Of sparse rows most values are zero: about zero, those cost nothing.
    if (!batch.is_sparse) {
      for (std::size_t i = 0; i < width; ++i)
        origin_[i] = static_cast<double>(batch.dense.features[i]);
    }
  }
  double* const sums = sums_.data();
  double* const squares = sums_.data() + width + 1;
  const auto take = [&](std::size_t i, float value) {
    const double off = static_cast<double>(value) - origin_[i];
    sums[i] += off;
    squares[i] += off * off;
  };
  for (const float label : batch.labels()) take(width, label);
  if (batch.is_sparse) {
    for (std::size_t i = 0; i < batch.sparse.values.size(); ++i)
      take(static_cast<std::size_t>(batch.sparse.indices[i]), batch.sparse.values[i]);
  } else {
    const float* value = batch.dense.features.data();
    for (std::int64_t row = 0; row < batch.rows(); ++row, value += width) {
      for (std::size_t i = 0; i < width; ++i) take(i, value[i]);
    }
  }
  sums_.back() += static_cast<double>(batch.rows());
}

Scaler ScalerEstimate::finish(const Hyperparameters& h, Cluster& cluster) {
  const auto width = static_cast<std::size_t>(features_);
  const double mine = rows();
  // Each host has sums about an origin of its own: first the mean of all, then squares about it.
  std::vector<double> means(width + 2);
  for (std::size_t i = 0; i <= width; ++i) means[i] = mine * origin_[i] + sums_[i];
  means[width + 1] = mine;
  cluster.sum(means);
  const double all = std::max(1.0, means[width + 1]);
  std::vector<double> squares(width + 1);
  for (std::size_t i = 0; i <= width; ++i) {
    means[i] /= all;
    const double shift = means[i] - origin_[i];
    squares[i] = sums_[width + 1 + i] - 2 * shift * sums_[i] + mine * shift * shift;
  }
  cluster.sum(squares);
  const auto deviation = [&](std::size_t i) {
    const double value = std::sqrt(std::max(0.0, squares[i] / all));
    return value > kConstant * std::abs(means[i]) ? value : 0;
  };

  Scaler scaler = Scaler::identity(features_);
  const bool normalize = h.normalize_data.value_or(true);
  const bool centre = h.use_bias && (normalize || h.unbias_data.value_or(true));
  for (std::size_t i = 0; i < width; ++i) {
    const double sigma = deviation(i);
    scaler.constant[i] = sigma == 0;
    if (centre) scaler.mean[i] = static_cast<float>(means[i]);
    if (normalize && sigma > 0) scaler.factor[i] = static_cast<float>(1 / sigma);
  }
  if (h.predictor_type != Predictor::Regressor) return scaler;
  const bool scale_label = h.normalize_label.value_or(true);
  if (h.use_bias && (scale_label || h.unbias_label.value_or(true)))
    scaler.label_mean = means[width];
  if (scale_label && deviation(width) > 0) scaler.label_scale = deviation(width);
  return scaler;
}

}  // namespace millrace::linear_learner
