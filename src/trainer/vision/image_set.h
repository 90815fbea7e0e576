#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace millrace {

/// Labelled images that can be read in any order, by number from 0. Any thread may read once the
/// set is built.
class ImageSet {
 public:
  virtual ~ImageSet() = default;

  [[nodiscard]] virtual std::int64_t count() const = 0;
  /// Of all files.
  [[nodiscard]] virtual std::int64_t bytes() const = 0;
  /// The numbers of the classes that the image has: one, or in a multi-label set any number of
  /// them, ascending. Those of a multi-label set are classes that there are; check_labels()
  /// (class_label.h) sees to the others.
  [[nodiscard]] virtual std::span<const float> labels(std::int64_t i) const = 0;
  /// The one of a set that is not multi-label.
  [[nodiscard]] float label(std::int64_t i) const { return labels(i).front(); }
  /// The encoded image; a view into memory the set holds, or into `scratch`.
  [[nodiscard]] virtual std::string_view image(std::int64_t i, std::string& scratch) const = 0;
  /// For messages: "channel 'train', a.rec, record 17".
  [[nodiscard]] virtual std::string name(std::int64_t i) const = 0;
  /// By which its owner finds it again in a list of results: "cats/1.jpg", "a.rec#17".
  [[nodiscard]] virtual std::string reference(std::int64_t i) const = 0;
};

}  // namespace millrace
