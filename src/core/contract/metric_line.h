#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace {

/// The step a log line speaks about: N of the first "Epoch[N]", "epoch=N", "epoch: N" or "epoch N"
/// that stands at the beginning of a word, in any case; nullopt when the line has none or N does
/// not fit 63 bits. Metrics found on the line are drawn over it.
std::optional<std::int64_t> step_of_line(std::string_view line);

}  // namespace millrace
