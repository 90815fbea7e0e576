#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/json/json.h"

namespace millrace::image_classification {

/// One answer of the model.
struct Answer {
  std::int64_t image = 0;  ///< its place in the set
  std::int64_t label = 0;
  std::int64_t predicted = 0;
  double confidence = 0;  ///< probability of `predicted`
  double loss = 0;        ///< -ln of the label's probability
  std::int64_t rank = 0;  ///< classes that are likelier than the label: 0 where the answer is right
};

/// The answer for an image with these scores before softmax, one for each class. Of classes that
/// score alike the first counts as the likelier.
Answer answer_of(std::int64_t image, std::int64_t label, std::span<const float> scores);

struct Averages {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};

/// How often each class was taken for each other, and where the model was most wrong. Memory grows
/// with images, classes and different mistakes, not with the square of the classes.
class Evaluation {
 public:
  explicit Evaluation(std::int64_t classes);

  void add(const Answer& answer);

  [[nodiscard]] std::int64_t classes() const { return classes_; }
  [[nodiscard]] std::int64_t total() const { return static_cast<std::int64_t>(answers_.size()); }
  [[nodiscard]] std::int64_t right() const { return right_; }
  /// As they were added.
  [[nodiscard]] const std::vector<Answer>& answers() const { return answers_; }
  [[nodiscard]] double accuracy() const;
  /// The share of images whose label is among the k likeliest classes.
  [[nodiscard]] double top_k_accuracy(std::int64_t k) const;
  /// Mean of the answers' losses: cross-entropy.
  [[nodiscard]] double mean_loss() const;
  /// Images of class `label` that were called `predicted`.
  [[nodiscard]] std::int64_t count(std::int64_t label, std::int64_t predicted) const;
  /// Every (label, predicted) that there is, with its images.
  using Pair = std::pair<std::int64_t, std::int64_t>;
  [[nodiscard]] const std::map<Pair, std::int64_t>& counts() const { return counts_; }
  /// Of the images called `c`, the share that is; of those that are `c`, the share called so. 0
  /// where there are none.
  [[nodiscard]] double precision(std::int64_t c) const;
  [[nodiscard]] double recall(std::int64_t c) const;
  [[nodiscard]] std::int64_t support(std::int64_t c) const;
  /// Harmonic mean of precision and recall; 0 where both are.
  [[nodiscard]] double f1(std::int64_t c) const;
  /// Over the classes that are the label or the answer of some image, each counting alike: what
  /// scikit-learn calls "macro avg".
  [[nodiscard]] Averages macro_averages() const;
  /// The same, each counting as many times as it has images.
  [[nodiscard]] Averages weighted_averages() const;
  /// Mistakes, those of the largest loss first.
  [[nodiscard]] std::vector<Answer> worst(std::size_t limit) const;
  /// How often one class was taken for another, the commonest first.
  struct Confusion {
    std::int64_t label = 0;
    std::int64_t predicted = 0;
    std::int64_t images = 0;
  };
  [[nodiscard]] std::vector<Confusion> commonest_confusions(std::size_t limit) const;

  /// Whole matrices are written up to so many classes: a million figures.
  static constexpr std::int64_t kMaxMatrixClasses = 1000;
  /// Of the mistakes that are listed where there are more classes.
  static constexpr std::size_t kMaxConfusions = 1000;

  /// {"accuracy", "loss", "images", "top_k", "top_k_accuracy",
  /// "macro_average": {"precision", "recall", "f1"}, "weighted_average": {...},
  /// "classes": [{"name", "precision", "recall", "f1", "images"}], "confusion": [[...]]}; rows of
  /// the confusion matrix are labels, columns answers. Above kMaxMatrixClasses it has "confusions"
  /// instead, the commonest mistakes first: [{"label", "predicted", "images"}]. `names` may be
  /// empty.
  [[nodiscard]] Json to_json(const std::vector<std::string>& names, std::int64_t top_k) const;

 private:
  [[nodiscard]] Json matrix() const;
  [[nodiscard]] Json confusions(const std::vector<std::string>& names) const;
  [[nodiscard]] Averages averages(const std::function<double(std::int64_t c)>& weight) const;

  std::int64_t classes_;
  std::int64_t right_ = 0;
  std::vector<Answer> answers_;
  std::map<Pair, std::int64_t> counts_;  ///< images; absent pairs have none
  std::vector<std::int64_t> support_;    ///< by label
  std::vector<std::int64_t> called_;     ///< by predicted class
};

/// 0 of nothing.
double share(std::int64_t part, std::int64_t whole);

/// The number where there is no name.
std::string class_name(const std::vector<std::string>& names, std::int64_t c);

}  // namespace millrace::image_classification
