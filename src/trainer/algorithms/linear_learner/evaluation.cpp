#include "trainer/algorithms/linear_learner/evaluation.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "trainer/algorithms/linear_learner/calibration.h"
#include "trainer/algorithms/linear_learner/loss_value.h"

namespace millrace::linear_learner {
namespace {

/// Bits of a score that tell its bin: sign, exponent and the first 11 of the fraction.
constexpr int kBinBits = 20;
constexpr std::size_t kBins = std::size_t{1} << kBinBits;
/// Probabilities below this count as this in the log loss, as everywhere.
constexpr double kSmallestProbability = 1e-15;

/// Places in sums(). The first two are of every predictor.
enum : std::size_t { kRows, kLoss, kFirstOwn };
enum : std::size_t {
  kTruePositives = kFirstOwn,
  kFalsePositives,
  kFalseNegatives,
  kTrueNegatives,
  kNegativeBins,
  kPositiveBins = kNegativeBins + kBins,
  kBinaryEnd = kPositiveBins + kBins
};
enum : std::size_t { kRight = kFirstOwn, kNear, kGain, kLogLoss, kClasses };
enum : std::size_t { kSquared = kFirstOwn, kAbsolute, kRegressionEnd };
/// Of each class: rows that are, rows that are taken for it, rows that are both.
enum : std::size_t { kActual, kPredicted, kBoth, kPerClass };

/// Bins in the order of the scores.
std::size_t bin_of(float score) {
  const auto bits = std::bit_cast<std::uint32_t>(score);
  constexpr std::uint32_t kSign = 0x80000000U;
  const std::uint32_t ordered = (bits & kSign) != 0 ? ~bits : bits | kSign;
  return ordered >> (32 - kBinBits);
}

/// Probability that a positive row scores above a negative one; ties count half.
double area_under_curve(const std::vector<double>& sums) {
  double below = 0, pairs = 0, positives = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const double negative = sums[kNegativeBins + bin], positive = sums[kPositiveBins + bin];
    pairs += positive * (below + negative / 2);
    below += negative;
    positives += positive;
  }
  return pairs / (below * positives);
}

}  // namespace

Evaluation::Evaluation(const LinearModel& model, const Hyperparameters& h) : model_(model), h_(h) {
  switch (model.predictor) {
    case Predictor::Binary:
      sums_.resize(kBinaryEnd);
      break;
    case Predictor::Multiclass:
      sums_.resize(kClasses + kPerClass * static_cast<std::size_t>(model.outputs));
      break;
    case Predictor::Regressor:
      sums_.resize(kRegressionEnd);
  }
}

void Evaluation::add(const TabularBatch& batch) {
  const std::vector<float> scores = model_.raw_scores(batch);
  const std::vector<float>& labels = batch.labels();
  const auto wide = static_cast<std::size_t>(model_.outputs);
  const LossSettings settings{.loss = model_.loss,
                              .insensitivity = static_cast<float>(h_.loss_insensitivity),
                              .huber_delta = static_cast<float>(h_.huber_delta),
                              .margin = static_cast<float>(h_.margin),
                              .quantile = static_cast<float>(h_.quantile)};
  with_loss(model_.loss, [&](auto loss) {
    for (std::size_t row = 0; row < labels.size(); ++row) {
      sums_[kLoss] += static_cast<double>(
          loss_value<decltype(loss)::value>(settings, labels[row], scores[row]).loss);
    }
  });
  sums_[kRows] += static_cast<double>(labels.size());
  for (std::size_t row = 0; row < labels.size(); ++row) {
    switch (model_.predictor) {
      case Predictor::Binary:
        add_binary(labels[row], scores[row]);
        break;
      case Predictor::Multiclass:
        add_multiclass(labels[row], scores.data() + row * wide);
        break;
      case Predictor::Regressor:
        add_regression(labels[row], scores[row]);
    }
  }
}

void Evaluation::add_binary(float label, float score) {
  float answer = score;
  answer_scores(model_.loss, 1, {&answer, 1});
  const bool is = label > 0.5F, taken = static_cast<double>(answer) > model_.threshold;
  sums_[taken ? (is ? kTruePositives : kFalsePositives)
              : (is ? kFalseNegatives : kTrueNegatives)] += 1;
  sums_[(is ? kPositiveBins : kNegativeBins) + bin_of(score)] += 1;
}

void Evaluation::add_multiclass(float label, const float* scores) {
  const auto classes = static_cast<std::size_t>(model_.outputs);
  const auto actual = static_cast<std::size_t>(label);
  const auto taken = static_cast<std::size_t>(predicted_class({scores, classes}));
  std::size_t rank = 1;
  double exponentials = 0;
  for (std::size_t other = 0; other < classes; ++other) {
    exponentials += std::exp(static_cast<double>(scores[other] - scores[taken]));
    if (scores[other] > scores[actual] || (scores[other] == scores[actual] && other < actual))
      ++rank;
  }
  const double log_probability =
      static_cast<double>(scores[actual] - scores[taken]) - std::log(exponentials);
  sums_[kLoss] -= log_probability;
  sums_[kLogLoss] -= std::max(log_probability, std::log(kSmallestProbability));
  sums_[kRight] += taken == actual ? 1 : 0;
  sums_[kNear] += static_cast<std::int64_t>(rank) <= h_.accuracy_top_k ? 1 : 0;
  sums_[kGain] += 1 / std::log2(1 + static_cast<double>(rank));
  sums_[kClasses + kPerClass * actual + kActual] += 1;
  sums_[kClasses + kPerClass * taken + kPredicted] += 1;
  if (taken == actual) sums_[kClasses + kPerClass * actual + kBoth] += 1;
}

void Evaluation::add_regression(float label, float score) {
  const double error = static_cast<double>(score) - static_cast<double>(label);
  sums_[kSquared] += error * error;
  sums_[kAbsolute] += std::abs(error);
}

std::vector<ModelFigure> Evaluation::figures() const {
  std::vector<ModelFigure> figures{{.name = std::string(objective_name(model_.loss)),
                                    .kind = Figure::Loss,
                                    .value = sums_[kLoss] / sums_[kRows]}};
  switch (model_.predictor) {
    case Predictor::Binary:
      binary_figures(figures);
      break;
    case Predictor::Multiclass:
      multiclass_figures(figures);
      break;
    case Predictor::Regressor:
      regression_figures(figures);
  }
  return figures;
}

void Evaluation::binary_figures(std::vector<ModelFigure>& figures) const {
  const Confusion c{.true_positives = sums_[kTruePositives],
                    .false_positives = sums_[kFalsePositives],
                    .false_negatives = sums_[kFalseNegatives],
                    .true_negatives = sums_[kTrueNegatives]};
  figures.push_back({.name = "binary_classification_accuracy", .value = c.accuracy()});
  figures.push_back({.name = f_name("binary_f_", h_.f_beta), .value = c.f(h_.f_beta)});
  figures.push_back({.name = "precision", .value = c.precision()});
  figures.push_back({.name = "recall", .value = c.recall()});
  figures.push_back({.name = "roc_auc_score", .value = area_under_curve(sums_)});
}

void Evaluation::multiclass_figures(std::vector<ModelFigure>& figures) const {
  double recall = 0, precision = 0, f = 0, present = 0;
  for (std::int64_t c = 0; c < model_.outputs; ++c) {
    const double* const sums = sums_.data() + kClasses + kPerClass * static_cast<std::size_t>(c);
    if (sums[kActual] == 0) continue;
    const Confusion one{.true_positives = sums[kBoth],
                        .false_positives = sums[kPredicted] - sums[kBoth],
                        .false_negatives = sums[kActual] - sums[kBoth]};
    present += 1;
    recall += one.recall();
    precision += one.precision();
    f += one.f(h_.f_beta);
  }
  const double rows = sums_[kRows];
  figures.push_back({.name = "multiclass_accuracy", .value = sums_[kRight] / rows});
  figures.push_back({.name = "multiclass_top_k_accuracy_" + std::to_string(h_.accuracy_top_k),
                     .value = sums_[kNear] / rows});
  figures.push_back({.name = "dcg", .value = sums_[kGain] / rows});
  figures.push_back({.name = "macro_recall", .value = recall / present});
  figures.push_back({.name = "macro_precision", .value = precision / present});
  figures.push_back({.name = f_name("macro_f_", h_.f_beta), .value = f / present});
  figures.push_back({.name = "multiclass_balanced_accuracy", .value = recall / present});
  figures.push_back(
      {.name = "multiclass_log_loss", .kind = Figure::Loss, .value = sums_[kLogLoss] / rows});
}

void Evaluation::regression_figures(std::vector<ModelFigure>& figures) const {
  const double mse = sums_[kSquared] / sums_[kRows];
  figures.push_back({.name = "mse", .kind = Figure::Loss, .value = mse});
  figures.push_back(
      {.name = "absolute_loss", .kind = Figure::Loss, .value = sums_[kAbsolute] / sums_[kRows]});
  figures.push_back({.name = "rmse", .kind = Figure::Loss, .value = std::sqrt(mse)});
}

}  // namespace millrace::linear_learner
