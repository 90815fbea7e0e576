#include "trainer/algorithms/image_classification/evaluation.h"

#include <algorithm>

namespace millrace::image_classification {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace

Evaluation::Evaluation(std::int64_t classes)
    : classes_(classes),
      support_(static_cast<std::size_t>(classes)),
      called_(static_cast<std::size_t>(classes)) {}

void Evaluation::add(const Answer& answer) {
  ++total_;
  ++counts_[{answer.label, answer.predicted}];
  ++support_[static_cast<std::size_t>(answer.label)];
  ++called_[static_cast<std::size_t>(answer.predicted)];
  if (answer.label == answer.predicted) {
    ++right_;
  } else {
    mistakes_.push_back(answer);
  }
}

std::int64_t Evaluation::count(std::int64_t label, std::int64_t predicted) const {
  const auto found = counts_.find({label, predicted});
  return found == counts_.end() ? 0 : found->second;
}

double Evaluation::accuracy() const {
  return share(right_, total_);
}

double Evaluation::precision(std::int64_t c) const {
  return share(count(c, c), called_[static_cast<std::size_t>(c)]);
}

double Evaluation::recall(std::int64_t c) const {
  return share(count(c, c), support(c));
}

std::int64_t Evaluation::support(std::int64_t c) const {
  return support_[static_cast<std::size_t>(c)];
}

std::vector<Answer> Evaluation::worst(std::size_t limit) const {
  std::vector<Answer> mistakes = mistakes_;
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Answer& a, const Answer& b) { return a.confidence > b.confidence; });
  mistakes.resize(std::min(mistakes.size(), limit));
  return mistakes;
}

Json Evaluation::matrix() const {
  Json rows = Json::array();
  for (std::int64_t label = 0; label < classes_; ++label) {
    Json row = Json::array();
    for (std::int64_t predicted = 0; predicted < classes_; ++predicted)
      row.push_back(count(label, predicted));
    rows.push_back(std::move(row));
  }
  return rows;
}

Json Evaluation::confusions(const std::vector<std::string>& names) const {
  std::vector<std::pair<Pair, std::int64_t>> mistakes;
  for (const auto& [pair, images] : counts_) {
    if (pair.first != pair.second) mistakes.emplace_back(pair, images);
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  mistakes.resize(std::min(mistakes.size(), kMaxConfusions));
  Json list = Json::array();
  for (const auto& [pair, images] : mistakes) {
    list.push_back({{"label", class_name(names, pair.first)},
                    {"predicted", class_name(names, pair.second)},
                    {"images", images}});
  }
  return list;
}

Json Evaluation::to_json(const std::vector<std::string>& names) const {
  Json json{{"accuracy", accuracy()}, {"images", total_}, {"classes", Json::array()}};
  for (std::int64_t c = 0; c < classes_; ++c) {
    const double sum = precision(c) + recall(c);
    json["classes"].push_back({{"name", class_name(names, c)},
                               {"precision", precision(c)},
                               {"recall", recall(c)},
                               {"f1", sum > 0 ? 2 * precision(c) * recall(c) / sum : 0},
                               {"images", support(c)}});
  }
  if (classes_ <= kMaxMatrixClasses) {
    json["confusion"] = matrix();
  } else {
    json["confusions"] = confusions(names);
  }
  return json;
}

std::string class_name(const std::vector<std::string>& names, std::int64_t c) {
  return static_cast<std::size_t>(c) < names.size() ? names[static_cast<std::size_t>(c)]
                                                    : std::to_string(c);
}

}  // namespace millrace::image_classification
