#include "platform/aws/parameters.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::aws {
namespace {

constexpr std::size_t kMaxParameters = 100'000;

std::string decoded(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto plain = uri_decode(spaced);
  if (!plain || !is_valid_utf8(*plain)) {
    throw Error(Blame::Customer, "InvalidURI",
                "Couldn't parse the specified URI: '" + printable(text, 60) + "' holds a malformed escape or is not UTF-8.");
  }
  return std::move(*plain);
}

}  // namespace

Parameters::Parameters(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (pairs_.size() == kMaxParameters) {
      throw Error(Blame::Customer, "InvalidURI",
                  "There are more than " + std::to_string(kMaxParameters) + " parameters in this request.");
    }
    const std::size_t equals = pair.find('=');
    pairs_.emplace_back(decoded(pair.substr(0, equals)),
                        equals == std::string_view::npos ? std::string() : decoded(pair.substr(equals + 1)));
  }
}

const std::string* Parameters::find(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace millrace::aws
