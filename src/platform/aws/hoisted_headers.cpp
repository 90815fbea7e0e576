#include "platform/aws/hoisted_headers.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::aws {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() > prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// A header that a presigner may have moved into the query. What belongs to the signature, to the
/// framing of the body or to its checksum is no such header.
bool is_hoisted_header(std::string_view name) {
  constexpr std::array<std::string_view, 11> kOthers{"x-amz-algorithm",
                                                     "x-amz-credential",
                                                     "x-amz-date",
                                                     "x-amz-expires",
                                                     "x-amz-signedheaders",
                                                     "x-amz-signature",
                                                     "x-amz-security-token",
                                                     "x-amz-content-sha256",
                                                     "x-amz-trailer",
                                                     "x-amz-decoded-content-length",
                                                     "x-amz-sdk-checksum-algorithm"};
  return starts_with_ignoring_case(name, "x-amz-") &&
         !starts_with_ignoring_case(name, "x-amz-checksum-") &&
         std::none_of(kOthers.begin(), kOthers.end(),
                      [&](std::string_view other) { return equal_ignoring_case(name, other); });
}

}  // namespace

void restore_hoisted_headers(http::Request& request, const Parameters& query) {
  if (request.headers.find("Authorization")) return;
  for (const auto& [name, value] : query) {
    if (!is_hoisted_header(name) || request.headers.find(name)) continue;
    const auto fits_name = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             c == '-' || c == '_' || c == '.';
    };
    const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; };
    if (!std::all_of(name.begin(), name.end(), fits_name) ||
        std::any_of(value.begin(), value.end(), is_control)) {
      throw Error(Blame::Customer, "InvalidArgument",
                  "The query parameter '" + printable(name, 60) +
                      "' stands for a header; a header's name is letters, digits, '-', '_' and "
                      "'.', and its value has no control characters.");
    }
    request.headers.add(name, std::string(trim(value)));
  }
}

}  // namespace millrace::aws
