#include "trainer/algorithms/image_classification/label_evaluation.h"

#include "trainer/algorithms/image_classification/evaluation.h"

namespace millrace::image_classification {
LabelEvaluation::LabelEvaluation(std::int64_t classes)
    : counts_(static_cast<std::size_t>(classes)) {}

void LabelEvaluation::add(std::span<const float> targets, std::span<const float> scores) {
  ++images_;
  for (std::size_t c = 0; c < counts_.size(); ++c) {
    const bool present = targets[c] > 0, said = scores[c] > 0;
    counts_[c].present += present;
    counts_[c].said += said;
    counts_[c].both += present && said;
  }
}

double LabelEvaluation::accuracy() const {
  std::int64_t wrong = 0;
  for (const Counts& c : counts_) wrong += c.present + c.said - 2 * c.both;
  const std::int64_t answers = images_ * static_cast<std::int64_t>(counts_.size());
  return share(answers - wrong, answers);
}

double LabelEvaluation::precision(std::int64_t c) const {
  return share(at(c).both, at(c).said);
}

double LabelEvaluation::recall(std::int64_t c) const {
  return share(at(c).both, at(c).present);
}

double LabelEvaluation::f1(std::int64_t c) const {
  return share(2 * at(c).both, at(c).said + at(c).present);
}

Json LabelEvaluation::to_json(const std::vector<std::string>& names) const {
  Json json{{"accuracy", accuracy()}, {"images", images_}, {"classes", Json::array()}};
  for (std::int64_t c = 0; c < static_cast<std::int64_t>(counts_.size()); ++c) {
    json["classes"].push_back({{"name", class_name(names, c)},
                               {"precision", precision(c)},
                               {"recall", recall(c)},
                               {"f1", f1(c)},
                               {"images", at(c).present}});
  }
  return json;
}

}  // namespace millrace::image_classification
