#pragma once

#include <nlohmann/json_fwd.hpp>

namespace millrace::wire {

/// Request or response of an operation whose model has none.
struct Empty {
  friend bool operator==(const Empty&, const Empty&) = default;
};

void to_json(nlohmann::ordered_json& json, const Empty& value);
void from_json(const nlohmann::ordered_json& json, Empty& value);

}  // namespace millrace::wire
