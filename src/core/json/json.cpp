#include "core/json/json.h"

#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

/// Depth and members are counted before parsing, because the library recurses and looks members up one by one; strings
/// are skipped so that brackets and colons in text do not count.
void check_limits(std::string_view text, std::string_view origin, const JsonLimits& limits) {
  std::vector<std::size_t> members;  // of each open object or array
  bool in_string = false;
  const auto refuse = [&](std::size_t at, const std::string& what) {
    throw Error(Blame::Customer, std::string(origin) + ", byte " + std::to_string(at) + ": " + what);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      members.push_back(0);
      if (members.size() > static_cast<std::size_t>(limits.max_depth)) {
        refuse(i, "nested deeper than the limit of " + std::to_string(limits.max_depth));
      }
    } else if ((c == '}' || c == ']') && !members.empty()) {
      members.pop_back();
    } else if (c == ':' && !members.empty() && ++members.back() > limits.max_members) {
      refuse(i, "more members in one object than the limit of " + std::to_string(limits.max_members));
    }
  }
}

[[noreturn]] void refuse_member(std::string_view origin, std::string_view member, std::string given,
                                std::string expected) {
  throw Error(Blame::Customer, Problem{.where = std::string(origin) + ": member '" + std::string(member) + "'",
                                       .given = std::move(given),
                                       .expected = std::move(expected),
                                       .fix = {}});
}

}  // namespace

Json parse_json(std::string_view text, std::string_view origin, JsonLimits limits) {
  if (text.size() > limits.max_bytes) {
    throw Error(Blame::Customer,
                std::string(origin) + " is larger than the limit of " + human_bytes(limits.max_bytes));
  }
  check_limits(text, origin, limits);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    // The library's text begins with its own name and position; only what follows the last ": " is for people.
    const std::string_view full = error.what();
    const std::size_t reason = full.rfind(": ");
    throw Error(Blame::Customer,
                std::string(origin) + ", byte " + std::to_string(error.byte) + ": not valid JSON: " +
                    std::string(reason == std::string_view::npos ? full : full.substr(reason + 2)));
  } catch (const Json::out_of_range& error) {
    // A number beyond double, for which the library has another exception, without a position.
    throw Error(Blame::Customer, std::string(origin) + ": a number is too large: " + printable(error.what(), 200));
  }
}

const Json& require(const Json& object, std::string_view member, std::string_view origin) {
  if (!object.is_object()) refuse_member(origin, member, {}, "an object that holds it");
  const auto found = object.find(std::string(member));
  if (found == object.end()) refuse_member(origin, member, {}, "a value");
  return *found;
}

std::string require_string(const Json& object, std::string_view member, std::string_view origin) {
  const Json& value = require(object, member, origin);
  if (!value.is_string()) refuse_member(origin, member, to_text(value), "a string");
  return value.get<std::string>();
}

std::int64_t require_int(const Json& object, std::string_view member, std::string_view origin) {
  const Json& value = require(object, member, origin);
  if (!value.is_number_integer()) refuse_member(origin, member, to_text(value), "a whole number");
  return value.get<std::int64_t>();
}

std::string to_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace millrace
