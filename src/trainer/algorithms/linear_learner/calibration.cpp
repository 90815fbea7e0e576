#include "trainer/algorithms/linear_learner/calibration.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

namespace millrace::linear_learner {
namespace {

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

/// Better is larger; what misses its target is worse than anything that reaches it, and then the
/// larger of what was to be reached is better.
struct Merit {
  bool reaches = true;
  double value = 0;

  bool operator<(const Merit& other) const {
    return reaches != other.reaches ? other.reaches : value < other.value;
  }
  bool operator==(const Merit&) const = default;
};

Merit merit(const Confusion& c, const Hyperparameters& h) {
  switch (h.criterion) {
    case Criterion::FBeta:
      return {.value = c.f(h.f_beta)};
    case Criterion::PrecisionAtTargetRecall:
      if (c.recall() < h.target_recall) return {.reaches = false, .value = c.recall()};
      return {.value = c.precision()};
    case Criterion::RecallAtTargetPrecision:
      if (c.precision() < h.target_precision) return {.reaches = false, .value = c.precision()};
      return {.value = c.recall()};
    case Criterion::Accuracy:
    case Criterion::LossFunction:
      break;
  }
  return {.value = c.accuracy()};
}

}  // namespace

double Confusion::accuracy() const {
  return ratio(true_positives + true_negatives,
               true_positives + true_negatives + false_positives + false_negatives);
}
double Confusion::precision() const {
  return ratio(true_positives, true_positives + false_positives);
}
double Confusion::recall() const {
  return ratio(true_positives, true_positives + false_negatives);
}
double Confusion::f(double beta) const {
  const double p = precision(), r = recall(), square = beta * beta;
  return ratio((1 + square) * p * r, square * p + r);
}

Calibration calibrate(std::span<const float> scores, std::span<const float> labels,
                      const Hyperparameters& h) {
  if (scores.empty()) return {.threshold = natural_threshold(h.effective_loss()), .value = 0};
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });

  // From the threshold above all scores, where every row is negative, downwards.
  Confusion c;
  for (const float label : labels) (label > 0.5F ? c.false_negatives : c.true_negatives) += 1;
  const auto score = [&](std::size_t place) { return static_cast<double>(scores[order[place]]); };
  const double margin = std::max(1e-6, (score(0) - score(order.size() - 1)) * 1e-3);
  Merit best = merit(c, h);
  double threshold = score(0), best_gap = 0;
  for (std::size_t place = 0; place < order.size();) {
    const double at = score(place);
    for (; place < order.size() && score(place) == at; ++place) {
      const bool positive = labels[order[place]] > 0.5F;
      (positive ? c.true_positives : c.false_positives) += 1;
      (positive ? c.false_negatives : c.true_negatives) -= 1;
    }
    const bool last = place == order.size();
    const double gap = last ? 0 : at - score(place);
    const Merit now = merit(c, h);
    if (best < now || (best == now && gap > best_gap)) {
      best = now;
      best_gap = gap;
      threshold = last ? at - margin : at - gap / 2;
    }
  }
  return {.threshold = threshold, .value = best.reaches ? best.value : 0};
}

double natural_threshold(Loss loss) {
  return loss == Loss::Logistic ? 0.5 : 0;
}

std::string criterion_name(const Hyperparameters& h) {
  switch (h.criterion) {
    case Criterion::Accuracy:
      return "sampled_accuracy";
    case Criterion::FBeta:
      return f_name("sampled_f_", h.f_beta);
    case Criterion::PrecisionAtTargetRecall:
      return "sampled_precision_at_target_recall";
    case Criterion::RecallAtTargetPrecision:
      return "sampled_recall_at_target_precision";
    case Criterion::LossFunction:
      break;
  }
  return std::string(objective_name(h.effective_loss()));
}

std::string f_name(std::string_view prefix, double beta) {
  char text[48];
  std::snprintf(text, sizeof text, "%.3f", beta);
  return std::string(prefix) + text;
}

}  // namespace millrace::linear_learner
