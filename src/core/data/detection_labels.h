#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace millrace {

/// The label array of a picture with boxes, as detection lists (`.lst`) and detection records carry
/// it:
///
///     [A, B, A - 2 more header values, object_1 (B values), object_2, ...]
///
/// An object is [class, xmin, ymin, xmax, ymax, B - 5 more values], its corners divided by the
/// picture's width and height. A view: the array must outlive it.
/// Source: MXNet, src/io/image_det_aug_default.cc and tools/im2rec.py.
class DetectionLabels {
 public:
  /// Throws Error(Customer) "<origin>: ..." unless A >= 2, B >= 5 and the rest is one object or
  /// more.
  static DetectionLabels parse(std::span<const float> labels, std::string_view origin);

  [[nodiscard]] std::span<const float> header() const { return header_; }  ///< [A], A and B too
  [[nodiscard]] std::int64_t objects() const;
  [[nodiscard]] std::span<const float> object(std::int64_t i) const;  ///< [B]

 private:
  std::span<const float> header_;
  std::span<const float> objects_;
  std::size_t object_width_ = 0;
};

}  // namespace millrace
