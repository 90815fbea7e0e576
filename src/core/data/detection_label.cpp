#include "core/data/detection_label.h"

#include <cmath>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

constexpr std::int64_t kMinHeaderWidth = 2;
constexpr std::int64_t kMinObjectWidth = 5;

[[noreturn]] void refuse(std::string_view place, std::string given, std::string expected) {
  throw Error(Blame::Customer,
              Problem{.where = std::string(place),
                      .given = std::move(given),
                      .expected = std::move(expected),
                      .fix = "Write the .lst as 'index 2 5 class xmin ymin xmax ymax ... path' and "
                             "pack it with all label columns."});
}

std::int64_t parse_width(float value, std::int64_t least, const char* what,
                         std::string_view place) {
  if (!(value >= static_cast<float>(least) && value <= static_cast<float>(kMaxDetectionWidth)) ||
      value != std::floor(value)) {
    refuse(place, number_text(static_cast<double>(value)),
           "a whole number from " + std::to_string(least) + " to " +
               std::to_string(kMaxDetectionWidth) + " as " + what);
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace

DetectionLabel parse_detection_label(std::span<const float> labels, std::string_view place) {
  if (labels.size() < 2)
    refuse(place, std::to_string(labels.size()) + " labels", "header width and object width first");
  const auto header =
      static_cast<std::size_t>(parse_width(labels[0], kMinHeaderWidth, "header width", place));
  const auto width =
      static_cast<std::size_t>(parse_width(labels[1], kMinObjectWidth, "object width", place));
  if (labels.size() < header + width || (labels.size() - header) % width != 0) {
    refuse(place, std::to_string(labels.size()) + " labels",
           std::to_string(header) + " and a multiple of " + std::to_string(width));
  }
  DetectionLabel label;
  label.header_extra.assign(labels.begin() + 2,
                            labels.begin() + static_cast<std::ptrdiff_t>(header));
  for (std::size_t at = header; at < labels.size(); at += width) {
    const std::span<const float> floats = labels.subspan(at, width);
    for (std::size_t i = 0; i < kMinObjectWidth; ++i) {
      if (!std::isfinite(floats[i]))
        refuse(place, number_text(static_cast<double>(floats[i])), "finite numbers in an object");
    }
    DetectionObject object{.class_id = floats[0],
                           .xmin = floats[1],
                           .ymin = floats[2],
                           .xmax = floats[3],
                           .ymax = floats[4],
                           .extra = {floats.begin() + kMinObjectWidth, floats.end()}};
    if (object.xmax <= object.xmin || object.ymax <= object.ymin) {
      ++label.dropped;
      continue;
    }
    label.objects.push_back(std::move(object));
  }
  return label;
}

std::vector<float> format_detection_label(const DetectionLabel& label) {
  const std::size_t extra = label.objects.empty() ? 0 : label.objects[0].extra.size();
  std::vector<float> labels{static_cast<float>(label.header_extra.size() + 2),
                            static_cast<float>(extra + kMinObjectWidth)};
  labels.insert(labels.end(), label.header_extra.begin(), label.header_extra.end());
  for (const DetectionObject& object : label.objects) {
    labels.insert(labels.end(),
                  {object.class_id, object.xmin, object.ymin, object.xmax, object.ymax});
    labels.insert(labels.end(), object.extra.begin(), object.extra.end());
  }
  return labels;
}

}  // namespace millrace
