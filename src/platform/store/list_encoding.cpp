#include "platform/store/list_encoding.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::store {
namespace {

constexpr std::int64_t kMaxPage = 1000;

}  // namespace

ListEncoding::ListEncoding(const std::optional<std::string>& encoding_type)
    : url_(encoding_type == "url") {
  if (encoding_type && !url_) {
    throw Error(Blame::Customer, "InvalidArgument",
                "Invalid Encoding Method specified in Request: expected url");
  }
}

std::string ListEncoding::operator()(std::string_view name) const {
  return url_ ? uri_encode(name, Slash::Keep) : std::string(name);
}

std::int64_t page_size(const std::optional<std::int64_t>& asked, std::string_view parameter) {
  if (asked && *asked < 0) {
    throw Error(
        Blame::Customer, "InvalidArgument",
        "Argument " + std::string(parameter) + " must be an integer between 0 and 2147483647");
  }
  return std::min(asked.value_or(kMaxPage), kMaxPage);
}

std::string continuation_token(std::string_view last) {
  std::string token = to_base64(last);
  std::replace(token.begin(), token.end(), '+', '-');
  std::replace(token.begin(), token.end(), '/', '_');
  while (token.ends_with('=')) token.pop_back();
  return token;
}

std::string continuation_of(std::string_view token) {
  std::string padded(token);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  while (padded.size() % 4 != 0) padded.push_back('=');
  const std::optional<std::string> last = from_base64(padded);
  if (!last || last->empty()) {
    throw Error(Blame::Customer, "InvalidArgument", "The continuation token provided is incorrect");
  }
  return *last;
}

}  // namespace millrace::store
