#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>

namespace millrace::runner {

/// What the processes below one have taken of the machine.
struct ProcessUsage {
  double cpu_seconds = 0;  ///< of the living, and of the dead that a living one has waited for
  /// Resident, with pages of files and shared memory counted once, as those of the largest process.
  std::int64_t memory_bytes = 0;
  std::set<pid_t> processes{};
};

/// Of all descendants of `ancestor`, itself not included. Reads /proc, whose entries may go at any
/// moment; what has gone is not counted.
ProcessUsage usage_below(pid_t ancestor);

}  // namespace millrace::runner
