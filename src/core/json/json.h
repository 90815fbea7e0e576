#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/json/json_fwd.h"

namespace millrace {

struct JsonLimits {
  std::size_t max_bytes = 16 * 1024 * 1024;
  int max_depth = 64;
  /// Of one object. Look-ups are linear, so an object of a million members would take hours to build.
  std::size_t max_members = 10'000;
};

/// Parses one JSON document that must fill `text`. Throws Error(Customer) "<origin>, byte N: ...", also for limits,
/// invalid UTF-8 and trailing text. Repeated member names keep the last value, as the AWS services do.
Json parse_json(std::string_view text, std::string_view origin, JsonLimits limits = {});

/// Member access that names its path in the error ("resourceconfig.json: member 'hosts': expected ...").
const Json& require(const Json& object, std::string_view member, std::string_view origin);
std::string require_string(const Json& object, std::string_view member, std::string_view origin);
std::int64_t require_int(const Json& object, std::string_view member, std::string_view origin);

/// Compact text; invalid UTF-8 in strings is replaced, never an exception.
std::string to_text(const Json& json);

}  // namespace millrace
