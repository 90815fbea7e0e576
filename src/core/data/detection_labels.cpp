#include "core/data/detection_labels.h"

#include <cmath>
#include <string>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

constexpr float kMinHeaderWidth = 2;
constexpr float kMinObjectWidth = 5;

[[noreturn]] void refuse(std::string_view origin, std::string given, std::string expected) {
  throw Error(Blame::Customer,
              Problem{.where = std::string(origin),
                      .given = std::move(given),
                      .expected = std::move(expected),
                      .fix = "Labels of a detection list are: header width (2), object width (5), "
                             "then class, xmin, ymin, xmax, ymax of each object."});
}

/// A width among `available` values.
std::size_t checked_width(float value, float least, std::size_t available, std::string_view what,
                          std::string_view origin) {
  if (value >= least && value == std::floor(value) && value <= static_cast<float>(available))
    return static_cast<std::size_t>(value);
  refuse(origin, std::string(what) + " " + number_text(value),
         "a whole number from " + number_text(least) + " to the " + std::to_string(available) +
             " values there are");
}

}  // namespace

DetectionLabels DetectionLabels::parse(std::span<const float> labels, std::string_view origin) {
  if (labels.size() < 2)
    refuse(origin, std::to_string(labels.size()) + " labels", "header width and object width");
  DetectionLabels parsed;
  const std::size_t header =
      checked_width(labels[0], kMinHeaderWidth, labels.size(), "header width", origin);
  parsed.header_ = labels.first(header);
  parsed.objects_ = labels.subspan(header);
  parsed.object_width_ =
      checked_width(labels[1], kMinObjectWidth, parsed.objects_.size(), "object width", origin);
  if (parsed.objects_.size() % parsed.object_width_ != 0) {
    refuse(origin, std::to_string(parsed.objects_.size()) + " values after the header",
           "whole objects of " + std::to_string(parsed.object_width_) + " values");
  }
  return parsed;
}

std::int64_t DetectionLabels::objects() const {
  return static_cast<std::int64_t>(objects_.size() / object_width_);
}

std::span<const float> DetectionLabels::object(std::int64_t i) const {
  return objects_.subspan(static_cast<std::size_t>(i) * object_width_, object_width_);
}

}  // namespace millrace
