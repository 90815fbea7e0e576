#include "trainer/algorithms/linear_learner/labels.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::linear_learner {

void check_labels(const Hyperparameters& h, const TabularChannel& channel,
                  const TabularBatch& batch) {
  if (h.predictor_type == Predictor::Regressor) return;
  const bool binary = h.predictor_type == Predictor::Binary;
  const auto classes = static_cast<float>(binary ? 2 : *h.num_classes);
  const std::vector<float>& labels = batch.labels();
  const auto wrong = std::find_if(labels.begin(), labels.end(), [classes](float label) {
    return !(label >= 0 && label < classes && label == std::floor(label));
  });
  if (wrong == labels.end()) return;
  channel.refuse_label(batch.first_row + (wrong - labels.begin()), *wrong,
                       binary ? "0 or 1, because predictor_type is binary_classifier"
                              : "a whole number from 0 to " + std::to_string(*h.num_classes - 1) +
                                    ", because num_classes is " + std::to_string(*h.num_classes),
                       binary ? "Write the negative class as 0 and the positive class as 1."
                              : "Number the classes from 0, or raise num_classes.");
}

ClassCounts::ClassCounts(const Hyperparameters& h) {
  if (h.predictor_type == Predictor::Regressor) return;
  counts_.resize(static_cast<std::size_t>(std::max<std::int64_t>(2, h.outputs())));
}

void ClassCounts::add(const TabularBatch& batch) {
  if (counts_.empty()) return;
  for (const float label : batch.labels()) counts_[static_cast<std::size_t>(label)] += 1;
}

void ClassCounts::require_two(const std::string& channel) const {
  const auto present =
      std::count_if(counts_.begin(), counts_.end(), [](double count) { return count > 0; });
  if (counts_.empty() || present != 1) return;
  const auto only = std::find_if(counts_.begin(), counts_.end(), [](double c) { return c > 0; });
  throw Error(Blame::Customer,
              Problem{.where = "channel '" + channel + "'",
                      .given = "label " + std::to_string(only - counts_.begin()) + " in every row",
                      .expected = "rows of at least two classes",
                      .fix = "Add rows of the other class: nothing can be told apart otherwise."});
}

double ClassCounts::negatives_over_positives() const {
  if (counts_.size() < 2 || counts_[0] == 0 || counts_[1] == 0) return 1;
  return counts_[0] / counts_[1];
}

std::vector<float> ClassCounts::balanced_weights() const {
  double rows = 0, present = 0;
  for (const double count : counts_) {
    rows += count;
    present += count > 0 ? 1 : 0;
  }
  std::vector<float> weights;
  for (const double count : counts_)
    weights.push_back(count > 0 ? static_cast<float>(rows / (present * count)) : 0.0F);
  return weights;
}

}  // namespace millrace::linear_learner
