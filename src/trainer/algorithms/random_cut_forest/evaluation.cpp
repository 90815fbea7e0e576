#include "trainer/algorithms/random_cut_forest/evaluation.h"

#include <algorithm>
#include <cmath>

namespace millrace::random_cut_forest {
namespace {

/// Where what stands in the sums.
constexpr std::size_t kRows = 0, kSum = 1, kSquares = 2, kNormal = 3;
constexpr std::size_t kBins = std::size_t{1} << 20;
constexpr std::size_t kAnomalies = kNormal + kBins;
/// Above the largest score there is, log2(1 + 2048).
constexpr double kTop = 12;
constexpr double kBinsOfOne = static_cast<double>(kBins) / kTop;

std::size_t bin_of(double score) {
  return static_cast<std::size_t>(
      std::clamp(score * kBinsOfOne, 0.0, static_cast<double>(kBins - 1)));
}

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

}  // namespace

Evaluation::Evaluation() : sums_(kAnomalies + kBins) {}

void Evaluation::add(std::span<const float> labels, std::span<const float> scores) {
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto score = static_cast<double>(scores[i]);
    sums_[kRows] += 1;
    sums_[kSum] += score;
    sums_[kSquares] += score * score;
    sums_[(labels[i] == 1 ? kAnomalies : kNormal) + bin_of(score)] += 1;
  }
}

DetectionFigures Evaluation::figures() const {
  const double rows = sums_[kRows];
  if (rows == 0) return {};
  const double mean = sums_[kSum] / rows;
  const double variance = std::max(0.0, sums_[kSquares] / rows - mean * mean);
  DetectionFigures figures{.threshold = mean + 3 * std::sqrt(variance)};
  const std::size_t first = bin_of(figures.threshold) + 1;
  double hits = 0, false_alarms = 0, anomalies = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    anomalies += sums_[kAnomalies + bin];
    if (bin < first) continue;
    hits += sums_[kAnomalies + bin];
    false_alarms += sums_[kNormal + bin];
  }
  const double misses = anomalies - hits;
  figures.accuracy = (rows - false_alarms - misses) / rows;
  figures.precision = ratio(hits, hits + false_alarms);
  figures.recall = ratio(hits, anomalies);
  figures.f1 = ratio(2 * hits, 2 * hits + false_alarms + misses);
  return figures;
}

}  // namespace millrace::random_cut_forest
