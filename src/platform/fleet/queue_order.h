#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "platform/catalog/instance_types.h"

namespace millrace::fleet {

/// How many younger jobs may start before one that does not fit yet. Without passing, a big job
/// that waits leaves CPUs idle; without a bound, a stream of small ones would keep it waiting for
/// ever.
inline constexpr std::int64_t kMaxPasses = 16;

struct WaitingJob {
  std::int64_t id = 0;  ///< rises with age: the smallest has waited longest
  catalog::Resources demand;
};

/// Which job starts next when `free` is what is left: the oldest that fits, as long as every older
/// one has been passed less than kMaxPasses times. `passes` counts by id. Returns an index into
/// `waiting`, which is oldest first.
std::optional<std::size_t> next_to_start(const std::vector<WaitingJob>& waiting,
                                         const catalog::Resources& free,
                                         const std::map<std::int64_t, std::int64_t>& passes);

}  // namespace millrace::fleet
