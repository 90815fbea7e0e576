#pragma once

#include "core/json/json_fwd.h"

namespace millrace::wire {

/// Request or response of an operation whose model has none.
struct Empty {
  friend bool operator==(const Empty&, const Empty&) = default;
};

void to_json(Json& json, const Empty& value);
void from_json(const Json& json, Empty& value);

}  // namespace millrace::wire
