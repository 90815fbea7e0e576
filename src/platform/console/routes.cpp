#include "platform/console/routes.h"

#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::console {
namespace {

constexpr std::string_view kPart = "{}";
constexpr std::string_view kRest = "{*}";

std::string decoded(std::string_view text) {
  std::optional<std::string> plain = uri_decode(text);
  if (!plain || !is_valid_utf8(*plain)) {
    throw Error(Blame::Customer, "ValidationException",
                "The path holds a malformed escape or is not UTF-8: '" + printable(text, 60) + "'");
  }
  return *std::move(plain);
}

/// What stands for the placeholders, still encoded; nullopt when the path does not fit.
std::optional<std::vector<std::string_view>> match(const std::vector<std::string>& pattern,
                                                   std::string_view path) {
  std::vector<std::string_view> parts;
  for (const std::string& expected : pattern) {
    if (!path.starts_with('/')) return std::nullopt;
    path.remove_prefix(1);
    if (expected == kRest) {
      if (path.empty()) return std::nullopt;
      parts.push_back(path);
      return parts;
    }
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size());
    if (expected == kPart ? part.empty() : part != expected) return std::nullopt;
    if (expected == kPart) parts.push_back(part);
  }
  if (!path.empty()) return std::nullopt;
  return parts;
}

}  // namespace

void Routes::add(std::string_view method, std::string_view pattern, Extra extra) {
  Route route{.method = std::string(method), .pattern = {}, .extra = std::move(extra)};
  for (const std::string_view part : split(pattern.substr(1), '/'))
    route.pattern.emplace_back(part);
  routes_.push_back(std::move(route));
}

Routes::Found Routes::find(std::string_view method, std::string_view path) const {
  Found found;
  for (const Route& route : routes_) {
    const auto parts = match(route.pattern, path);
    if (!parts) continue;
    found.known = true;
    if (route.method != method) continue;
    for (const std::string_view part : *parts) found.parts.push_back(decoded(part));
    found.extra = &route.extra;
    return found;
  }
  return found;
}

}  // namespace millrace::console
