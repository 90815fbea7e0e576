#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/json/json.h"

namespace millrace::image_classification {

/// How often a multi-label model was right about each class. A score above 0, which is a
/// probability above a half, says that an image has the class.
class LabelEvaluation {
 public:
  explicit LabelEvaluation(std::int64_t classes);

  /// One image: by class, 1 or 0 as it has it or not, and the score before the sigmoid.
  void add(std::span<const float> targets, std::span<const float> scores);

  /// The mean over classes of the share of right answers.
  [[nodiscard]] double accuracy() const;
  /// Of the images said to have class `c`, the share that has; of those that have it, the share of
  /// which it was said. 0 where there are none.
  [[nodiscard]] double precision(std::int64_t c) const;
  [[nodiscard]] double recall(std::int64_t c) const;
  /// Harmonic mean of both; 0 where both are.
  [[nodiscard]] double f1(std::int64_t c) const;

  /// {"accuracy", "images", "classes": [{"name", "precision", "recall", "f1", "images"}]}; the
  /// images of a class are those that have it. `names` may be empty.
  [[nodiscard]] Json to_json(const std::vector<std::string>& names) const;

 private:
  struct Counts {
    std::int64_t present = 0;  ///< images that have the class
    std::int64_t said = 0;     ///< of which it was said
    std::int64_t both = 0;
  };
  [[nodiscard]] const Counts& at(std::int64_t c) const {
    return counts_[static_cast<std::size_t>(c)];
  }

  std::int64_t images_ = 0;
  std::vector<Counts> counts_;
};

}  // namespace millrace::image_classification
