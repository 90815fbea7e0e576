#include "trainer/algorithms/image_classification/evaluation.h"

#include <algorithm>
#include <cmath>

namespace millrace::image_classification {
Answer answer_of(std::int64_t image, std::int64_t label, std::span<const float> scores) {
  const auto at = static_cast<std::size_t>(label);
  const auto best = std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score) - *best);
  Answer answer{.image = image, .label = label, .predicted = best - scores.begin()};
  answer.confidence = 1 / sum;
  // From the scores, and not from a probability that has been rounded to 0.
  answer.loss = std::log(sum) + *best - scores[at];
  for (std::size_t c = 0; c < scores.size(); ++c) {
    if (scores[c] > scores[at] || (scores[c] == scores[at] && c < at)) ++answer.rank;
  }
  return answer;
}

Evaluation::Evaluation(std::int64_t classes)
    : classes_(classes),
      support_(static_cast<std::size_t>(classes)),
      called_(static_cast<std::size_t>(classes)) {}

void Evaluation::add(const Answer& answer) {
  answers_.push_back(answer);
  ++counts_[{answer.label, answer.predicted}];
  ++support_[static_cast<std::size_t>(answer.label)];
  ++called_[static_cast<std::size_t>(answer.predicted)];
  if (answer.label == answer.predicted) ++right_;
}

std::int64_t Evaluation::count(std::int64_t label, std::int64_t predicted) const {
  const auto found = counts_.find({label, predicted});
  return found == counts_.end() ? 0 : found->second;
}

double Evaluation::accuracy() const {
  return share(right_, total());
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

double Evaluation::top_k_accuracy(std::int64_t k) const {
  const auto near = std::count_if(answers_.begin(), answers_.end(),
                                  [&](const Answer& answer) { return answer.rank < k; });
  return share(near, total());
}

double Evaluation::mean_loss() const {
  double sum = 0;
  for (const Answer& answer : answers_) sum += answer.loss;
  return answers_.empty() ? 0 : sum / static_cast<double>(total());
}

double Evaluation::f1(std::int64_t c) const {
  const double sum = precision(c) + recall(c);
  return sum > 0 ? 2 * precision(c) * recall(c) / sum : 0;
}

Averages Evaluation::averages(const std::function<double(std::int64_t c)>& weight) const {
  Averages sum;
  double weights = 0;
  for (std::int64_t c = 0; c < classes_; ++c) {
    const double w = weight(c);
    weights += w;
    sum.precision += w * precision(c);
    sum.recall += w * recall(c);
    sum.f1 += w * f1(c);
  }
  if (weights == 0) return {};
  return {
      .precision = sum.precision / weights, .recall = sum.recall / weights, .f1 = sum.f1 / weights};
}

Averages Evaluation::macro_averages() const {
  return averages([&](std::int64_t c) {
    return support(c) > 0 || called_[static_cast<std::size_t>(c)] > 0 ? 1 : 0;
  });
}

Averages Evaluation::weighted_averages() const {
  return averages([&](std::int64_t c) { return static_cast<double>(support(c)); });
}

std::vector<Answer> Evaluation::worst(std::size_t limit) const {
  std::vector<Answer> mistakes;
  for (const Answer& answer : answers_) {
    if (answer.label != answer.predicted) mistakes.push_back(answer);
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Answer& a, const Answer& b) { return a.loss > b.loss; });
  mistakes.resize(std::min(mistakes.size(), limit));
  return mistakes;
}

std::vector<Evaluation::Confusion> Evaluation::commonest_confusions(std::size_t limit) const {
  std::vector<Confusion> mistakes;
  for (const auto& [pair, images] : counts_) {
    if (pair.first != pair.second)
      mistakes.push_back({.label = pair.first, .predicted = pair.second, .images = images});
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Confusion& a, const Confusion& b) { return a.images > b.images; });
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
  Json list = Json::array();
  for (const Confusion& each : commonest_confusions(kMaxConfusions)) {
    list.push_back({{"label", class_name(names, each.label)},
                    {"predicted", class_name(names, each.predicted)},
                    {"images", each.images}});
  }
  return list;
}

Json Evaluation::to_json(const std::vector<std::string>& names, std::int64_t top_k) const {
  const auto averages_json = [](const Averages& averages) {
    return Json{
        {"precision", averages.precision}, {"recall", averages.recall}, {"f1", averages.f1}};
  };
  Json json{{"accuracy", accuracy()},
            {"loss", mean_loss()},
            {"images", total()},
            {"top_k", top_k},
            {"top_k_accuracy", top_k_accuracy(top_k)},
            {"macro_average", averages_json(macro_averages())},
            {"weighted_average", averages_json(weighted_averages())},
            {"classes", Json::array()}};
  for (std::int64_t c = 0; c < classes_; ++c) {
    json["classes"].push_back({{"name", class_name(names, c)},
                               {"precision", precision(c)},
                               {"recall", recall(c)},
                               {"f1", f1(c)},
                               {"images", support(c)}});
  }
  if (classes_ <= kMaxMatrixClasses) {
    json["confusion"] = matrix();
  } else {
    json["confusions"] = confusions(names);
  }
  return json;
}

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::string class_name(const std::vector<std::string>& names, std::int64_t c) {
  return static_cast<std::size_t>(c) < names.size() ? names[static_cast<std::size_t>(c)]
                                                    : std::to_string(c);
}

}  // namespace millrace::image_classification
