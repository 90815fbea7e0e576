#pragma once

#include <nlohmann/json_fwd.hpp>

namespace millrace {

/// Members keep the order of the wire model on output; look-ups are linear, which our small objects do not notice.
using Json = nlohmann::ordered_json;

}  // namespace millrace
