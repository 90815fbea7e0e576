#include "trainer/algorithms/knn/evaluation.h"

namespace millrace::knn {

void Evaluation::add(float label, float predicted) {
  rows_ += 1;
  if (predictor_ == PredictorType::Regressor) {
    const double error = static_cast<double>(predicted) - static_cast<double>(label);
    squared_error_ += error * error;
    return;
  }
  counts_[label][kActual] += 1;
  counts_[predicted][kPredicted] += 1;
  if (label == predicted) counts_[label][kBoth] += 1;
}

std::vector<float> Evaluation::labels() const {
  std::vector<float> labels;
  for (const auto& [label, counts] : counts_) labels.push_back(label);
  return labels;
}

void Evaluation::set_labels(std::span<const float> labels) {
  for (const float label : labels) counts_[label];
  sums_ = {rows_, squared_error_};
  for (const auto& [label, counts] : counts_)
    sums_.insert(sums_.end(), counts.begin(), counts.end());
}

std::vector<ModelFigure> Evaluation::figures() const {
  const double rows = sums_[0];
  if (predictor_ == PredictorType::Regressor)
    return {{.name = "mse", .kind = Figure::Loss, .value = sums_[1] / rows}};
  double right = 0, f = 0;
  for (std::size_t at = 2; at < sums_.size(); at += kCounts) {
    right += sums_[at + kBoth];
    f += 2 * sums_[at + kBoth] / (sums_[at + kActual] + sums_[at + kPredicted]);
  }
  return {{.name = "accuracy", .value = right / rows},
          {.name = "macro_f_1.000", .value = f / static_cast<double>(counts_.size())}};
}

}  // namespace millrace::knn
