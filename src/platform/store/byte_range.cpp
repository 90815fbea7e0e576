#include "platform/store/byte_range.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::store {
namespace {

constexpr std::string_view kUnit = "bytes=";

/// Digits only: parse_int would take a sign.
std::optional<std::int64_t> position(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return parse_int(text);
}

}  // namespace

std::optional<ByteRange> parse_range(std::string_view header, std::int64_t object_size) {
  if (!equal_ignoring_case(header.substr(0, kUnit.size()), kUnit)) return std::nullopt;
  const std::string_view spec = trim(header.substr(kUnit.size()));
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view first_text = spec.substr(0, dash);
  const std::string_view last_text = spec.substr(dash + 1);
  const auto first = position(first_text);
  const auto last = position(last_text);

  ByteRange range;
  if (first_text.empty()) {
    if (!last) return std::nullopt;
    range.length = std::min(*last, object_size);
    range.offset = object_size - range.length;
  } else {
    if (!first || (!last_text.empty() && !last) || (last && *last < *first)) return std::nullopt;
    range.offset = *first;
    range.length = std::min(last.value_or(object_size - 1), object_size - 1) - *first + 1;
  }
  if (range.length <= 0)
    throw Error(Blame::Customer, "InvalidRange", "The requested range is not satisfiable");
  return range;
}

ByteRange parse_copy_range(std::string_view header, std::int64_t object_size) {
  const bool has_unit = header.starts_with(kUnit);
  const std::string_view spec = has_unit ? header.substr(kUnit.size()) : std::string_view();
  const std::size_t dash = std::min(spec.find('-'), spec.size());
  const auto first = position(spec.substr(0, dash));
  const auto last = dash < spec.size() ? position(spec.substr(dash + 1)) : std::nullopt;
  if (!first || !last || *last < *first) {
    throw Error(Blame::Customer, "InvalidArgument",
                "The x-amz-copy-source-range value must be of the form bytes=first-last where "
                "first and last are the "
                "zero-based offsets of the first and last bytes to copy");
  }
  if (*last >= object_size) {
    throw Error(
        Blame::Customer, "InvalidArgument",
        "Range specified is not valid for source object of size: " + std::to_string(object_size));
  }
  return {.offset = *first, .length = *last - *first + 1};
}

std::string content_range(const ByteRange& range, std::int64_t object_size) {
  return "bytes " + std::to_string(range.offset) + '-' +
         std::to_string(range.offset + range.length - 1) + '/' + std::to_string(object_size);
}

}  // namespace millrace::store
