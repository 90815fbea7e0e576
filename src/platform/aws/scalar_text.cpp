#include "platform/aws/scalar_text.h"

#include "core/base/text.h"
#include "core/base/time.h"
#include "platform/aws/convert.h"

namespace millrace::aws {
namespace {

std::string timestamp_text(const Json& value, const Shape& shape, TimestampFormat place) {
  const Time time = timestamp_from_json(value, shape.name);
  const TimestampFormat format =
      shape.timestamp_format == TimestampFormat::Default ? place : shape.timestamp_format;
  switch (format) {
    case TimestampFormat::Rfc1123:
      return rfc1123(time);
    case TimestampFormat::UnixSeconds:
      return to_millis(time) % 1000 == 0 ? std::to_string(to_millis(time) / 1000) : number_text(to_seconds(time));
    default:
      return iso8601(time);
  }
}

std::optional<Json> timestamp_from_text(std::string_view text) {
  std::optional<Time> time = parse_iso8601(text);
  if (!time) time = parse_rfc1123(text);
  if (!time) {
    const auto seconds = parse_double(text);
    constexpr double kLimit = 1e11;
    if (!seconds || !(*seconds > -kLimit && *seconds < kLimit)) return std::nullopt;
    return Json(*seconds);
  }
  return timestamp_to_json(*time);
}

}  // namespace

std::string scalar_to_text(const Json& value, const Shape& shape, TimestampFormat timestamps) {
  switch (shape.kind) {
    case Kind::String:
    case Kind::Blob:
      return value.is_string() ? value.get_ref<const std::string&>() : to_text(value);
    case Kind::Timestamp:
      return timestamp_text(value, shape, timestamps);
    case Kind::Float:
      return number_text(value.get<double>());
    default:
      return to_text(value);
  }
}

std::optional<Json> scalar_from_text(std::string_view text, const Shape& shape) {
  switch (shape.kind) {
    case Kind::String:
    case Kind::Blob:
      return Json(std::string(text));
    case Kind::Integer:
    case Kind::Long: {
      const auto number = parse_int(trim(text));
      constexpr std::int64_t kLimit = std::int64_t{1} << 31;
      if (!number) return std::nullopt;
      if (shape.kind == Kind::Integer && (*number >= kLimit || *number < -kLimit)) return std::nullopt;
      return Json(*number);
    }
    case Kind::Float: {
      const auto number = parse_double(trim(text));
      return number ? std::optional<Json>(*number) : std::nullopt;
    }
    case Kind::Boolean:
      if (equal_ignoring_case(trim(text), "true")) return Json(true);
      if (equal_ignoring_case(trim(text), "false")) return Json(false);
      return std::nullopt;
    case Kind::Timestamp:
      return timestamp_from_text(trim(text));
    default:
      return std::nullopt;
  }
}

std::string_view kind_in_words(Kind kind) {
  switch (kind) {
    case Kind::Integer:
      return "a 32-bit whole number";
    case Kind::Long:
      return "a 64-bit whole number";
    case Kind::Float:
      return "a number";
    case Kind::Boolean:
      return "true or false";
    case Kind::Timestamp:
      return "a date and time";
    default:
      return "text";
  }
}

}  // namespace millrace::aws
