#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trainer/vision/class_label.h"

namespace millrace {

/// The labels of the images of a set, in the order they were added, as ImageSet::labels() gives
/// them. What a multi-label image does not have takes no memory: of thousands of classes an image
/// has a few.
class LabelTable {
 public:
  /// `target_classes`: of a multi-label set how many classes there are, else 0.
  explicit LabelTable(std::int64_t target_classes) : target_classes_(target_classes) {}

  /// An image with `labels` as its record or its line of a list has them. Throws Error(Customer)
  /// naming `where`: see only_label() and present_classes().
  void add(const std::vector<float>& labels, const std::string& where) {
    if (target_classes_ > 0) {
      const std::vector<float> classes = present_classes(labels, target_classes_, where);
      add_classes(classes);
    } else {
      add_classes({only_label(labels, where)});
    }
  }
  /// An image that has these classes, ascending; one where the set is not multi-label.
  void add_classes(const std::vector<float>& classes) {
    values_.insert(values_.end(), classes.begin(), classes.end());
    ends_.push_back(values_.size());
  }

  [[nodiscard]] std::span<const float> operator[](std::int64_t i) const {
    const auto at = static_cast<std::size_t>(i);
    const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
    return {values_.data() + begin, ends_[at] - begin};
  }

 private:
  std::int64_t target_classes_;
  std::vector<float> values_;
  std::vector<std::size_t> ends_;  ///< of each image's labels in values_
};

}  // namespace millrace
