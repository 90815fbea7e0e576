#include "trainer/algorithms/image_classification/evaluation.h"

#include <algorithm>

namespace millrace::image_classification {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace

Evaluation::Evaluation(std::int64_t classes)
    : classes_(classes), counts_(static_cast<std::size_t>(classes * classes)) {}

void Evaluation::add(const Answer& answer) {
  ++total_;
  ++counts_[static_cast<std::size_t>(answer.label * classes_ + answer.predicted)];
  if (answer.label != answer.predicted) mistakes_.push_back(answer);
}

std::int64_t Evaluation::count(std::int64_t label, std::int64_t predicted) const {
  return counts_[static_cast<std::size_t>(label * classes_ + predicted)];
}

std::int64_t Evaluation::right() const {
  std::int64_t right = 0;
  for (std::int64_t c = 0; c < classes_; ++c) right += count(c, c);
  return right;
}

double Evaluation::accuracy() const {
  return share(right(), total_);
}

double Evaluation::precision(std::int64_t c) const {
  std::int64_t called = 0;
  for (std::int64_t label = 0; label < classes_; ++label) called += count(label, c);
  return share(count(c, c), called);
}

double Evaluation::recall(std::int64_t c) const {
  return share(count(c, c), support(c));
}

std::int64_t Evaluation::support(std::int64_t c) const {
  std::int64_t images = 0;
  for (std::int64_t predicted = 0; predicted < classes_; ++predicted) images += count(c, predicted);
  return images;
}

std::vector<Answer> Evaluation::worst(std::size_t limit) const {
  std::vector<Answer> mistakes = mistakes_;
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Answer& a, const Answer& b) { return a.confidence > b.confidence; });
  mistakes.resize(std::min(mistakes.size(), limit));
  return mistakes;
}

Json Evaluation::to_json(const std::vector<std::string>& names) const {
  Json json{{"accuracy", accuracy()},
            {"images", total_},
            {"classes", Json::array()},
            {"confusion", Json::array()}};
  for (std::int64_t c = 0; c < classes_; ++c) {
    const double sum = precision(c) + recall(c);
    json["classes"].push_back({{"name", class_name(names, c)},
                               {"precision", precision(c)},
                               {"recall", recall(c)},
                               {"f1", sum > 0 ? 2 * precision(c) * recall(c) / sum : 0},
                               {"images", support(c)}});
    Json row = Json::array();
    for (std::int64_t predicted = 0; predicted < classes_; ++predicted)
      row.push_back(count(c, predicted));
    json["confusion"].push_back(std::move(row));
  }
  return json;
}

std::string class_name(const std::vector<std::string>& names, std::int64_t c) {
  return static_cast<std::size_t>(c) < names.size() ? names[static_cast<std::size_t>(c)]
                                                    : std::to_string(c);
}

}  // namespace millrace::image_classification
