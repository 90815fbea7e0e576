#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/json/json.h"

namespace millrace::image_classification {

/// One answer of the model.
struct Answer {
  std::int64_t record = 0;
  std::int64_t label = 0;
  std::int64_t predicted = 0;
  double confidence = 0;  ///< probability of `predicted`
};

/// How often each class was taken for each other, and where the model was most wrong. Memory grows
/// with classes and with different mistakes, not with the square of the classes.
class Evaluation {
 public:
  explicit Evaluation(std::int64_t classes);

  void add(const Answer& answer);

  [[nodiscard]] std::int64_t classes() const { return classes_; }
  [[nodiscard]] std::int64_t total() const { return total_; }
  [[nodiscard]] std::int64_t right() const { return right_; }
  [[nodiscard]] double accuracy() const;
  /// Images of class `label` that were called `predicted`.
  [[nodiscard]] std::int64_t count(std::int64_t label, std::int64_t predicted) const;
  /// Of the images called `c`, the share that is; of those that are `c`, the share called so. 0
  /// where there are none.
  [[nodiscard]] double precision(std::int64_t c) const;
  [[nodiscard]] double recall(std::int64_t c) const;
  [[nodiscard]] std::int64_t support(std::int64_t c) const;
  /// Mistakes, the most confident first.
  [[nodiscard]] std::vector<Answer> worst(std::size_t limit) const;

  /// Whole matrices are written up to so many classes: a million figures.
  static constexpr std::int64_t kMaxMatrixClasses = 1000;
  /// Of the mistakes that are listed where there are more classes.
  static constexpr std::size_t kMaxConfusions = 1000;

  /// {"accuracy", "images", "classes": [{"name", "precision", "recall", "f1", "images"}],
  /// "confusion": [[...]]}; rows of the confusion matrix are labels, columns answers. Above
  /// kMaxMatrixClasses it has "confusions" instead, the commonest mistakes first: [{"label",
  /// "predicted", "images"}]. `names` may be empty.
  [[nodiscard]] Json to_json(const std::vector<std::string>& names) const;

 private:
  using Pair = std::pair<std::int64_t, std::int64_t>;  ///< label, predicted

  [[nodiscard]] Json matrix() const;
  [[nodiscard]] Json confusions(const std::vector<std::string>& names) const;

  std::int64_t classes_;
  std::int64_t total_ = 0;
  std::int64_t right_ = 0;
  std::map<Pair, std::int64_t> counts_;  ///< images; absent pairs have none
  std::vector<std::int64_t> support_;    ///< by label
  std::vector<std::int64_t> called_;     ///< by predicted class
  std::vector<Answer> mistakes_;
};

std::string class_name(const std::vector<std::string>& names, std::int64_t c);

}  // namespace millrace::image_classification
