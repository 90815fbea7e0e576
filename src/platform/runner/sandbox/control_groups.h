#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fd.h"

namespace millrace::runner {

/// How much of the machine one job may take. 0 means no limit.
struct Limits {
  double cpus = 0;  ///< in cores
  std::int64_t memory_bytes =
      0;  ///< anonymous memory, page cache and /dev/shm together; no swap besides
  std::int64_t processes = 0;  ///< processes and threads
};

/// The control groups that hold one job to its limits; version 1 of the kernel's interface, version
/// 2 or both mounted beside each other. The groups are made below the one this process is in,
/// because an ordinary user may write nowhere else. A limit that this machine or user cannot
/// enforce does not stop the job: an ordinary user on an ordinary host has no memory controller,
/// and could run nothing otherwise. unenforced() says so, for the job's log.
class ControlGroups {
 public:
  /// `name` is the new groups' directory, "millrace-<pid of this process>-<anything>".
  static ControlGroups create(const Limits& limits, std::string_view name);
  ControlGroups(ControlGroups&&) noexcept = default;
  ControlGroups& operator=(ControlGroups&&) = delete;
  /// Removes the groups, and those that killed supervisors left. Every process in them must have
  /// been reaped.
  ~ControlGroups();

  /// A process enters by writing "0" to each of these before it executes the program.
  [[nodiscard]] const std::vector<Fd>& entrances() const { return entrances_; }
  /// One sentence for each limit that is not in force.
  [[nodiscard]] const std::vector<std::string>& unenforced() const { return unenforced_; }
  /// Processes the kernel killed because the memory limit was reached.
  [[nodiscard]] std::int64_t out_of_memory_kills() const;

 private:
  ControlGroups() = default;
  /// Makes the group and opens its entrance; an empty text or why that failed.
  std::string enter(const std::string& directory);

  std::vector<std::string> directories_;
  std::vector<Fd> entrances_;
  std::vector<std::string> unenforced_;
  std::string memory_events_;  ///< file that counts oom_kill; empty without a memory group
};

}  // namespace millrace::runner
