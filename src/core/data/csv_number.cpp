#include "core/data/csv_number.h"

#include <fast_float/fast_float.h>

#include <cmath>
#include <limits>
#include <system_error>

#include "core/base/text.h"

namespace millrace {
namespace {

/// `nan`, `inf` or `infinity` in any case, after the sign; 0 for other text.
float named_number(std::string_view text) {
  if (equal_ignoring_case(text, "nan")) return std::numeric_limits<float>::quiet_NaN();
  if (equal_ignoring_case(text, "inf") || equal_ignoring_case(text, "infinity"))
    return std::numeric_limits<float>::infinity();
  return 0;
}

}  // namespace

std::string_view trim_field(std::string_view field) {
  while (!field.empty() && (field.front() == ' ' || field.front() == '\t')) field.remove_prefix(1);
  while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.remove_suffix(1);
  return field;
}

NumberFlaw parse_csv_number(std::string_view field, NonFinite policy, float& value) {
  const std::string_view text = trim_field(field);
  if (text.empty()) return NumberFlaw::Empty;
  const bool negative = text.front() == '-';
  const std::string_view unsigned_text = negative || text.front() == '+' ? text.substr(1) : text;
  if (unsigned_text.empty()) return NumberFlaw::NotANumber;
  const char first = unsigned_text.front();
  if ((first < '0' || first > '9') && first != '.') {
    const float named = named_number(unsigned_text);
    if (named == 0) return NumberFlaw::NotANumber;
    if (policy == NonFinite::Refuse) return NumberFlaw::NotFinite;
    value = negative ? -named : named;
    return NumberFlaw::None;
  }
  float parsed = 0;
  const char* const end = unsigned_text.data() + unsigned_text.size();
  const auto [stop, error] = fast_float::from_chars(unsigned_text.data(), end, parsed);
  // Newer editions of the library report a number out of range; the value is infinity or zero, as
  // strtof's is, in all of them.
  if ((error != std::errc() && error != std::errc::result_out_of_range) || stop != end)
    return NumberFlaw::NotANumber;
  if (std::isinf(parsed) && policy == NonFinite::Refuse) return NumberFlaw::TooLarge;
  value = negative ? -parsed : parsed;
  return NumberFlaw::None;
}

}  // namespace millrace
