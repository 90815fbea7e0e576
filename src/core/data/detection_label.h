#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace millrace {

/// One object of a detection record; coordinates are divided by the image's width and height.
struct DetectionObject {
  float class_id = 0;
  float xmin = 0, ymin = 0, xmax = 0, ymax = 0;
  std::vector<float> extra;  ///< beyond these five; the first is `difficult` where there is one
};

/// The label array of a detection record: [A, B, A - 2 extra header floats, objects of B floats].
/// Source: MXNet, src/io/iter_image_det_recordio.cc. Format: docs/reference/formats/recordio.md.
struct DetectionLabel {
  std::vector<float> header_extra;       ///< A - 2 floats
  std::vector<DetectionObject> objects;  ///< at least one unless all were dropped
  std::int64_t dropped = 0;              ///< objects without an area, which loaders leave out
};

/// A and B may not be larger: no writer comes near, a damaged label does.
inline constexpr std::int64_t kMaxDetectionWidth = 1024;

/// Throws Error(Customer) "<place>: ..." unless A >= 2, B >= 5, the rest is a whole number of
/// objects and at least one, and class ids and coordinates are finite.
DetectionLabel parse_detection_label(std::span<const float> labels, std::string_view place);

/// The label array; all objects must have as many extra floats as the first.
std::vector<float> format_detection_label(const DetectionLabel& label);

}  // namespace millrace
