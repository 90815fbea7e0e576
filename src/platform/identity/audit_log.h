#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/fd.h"
#include "core/base/guarded.h"
#include "core/base/time.h"
#include "platform/aws/audit.h"

namespace millrace::identity {

/// Who read or wrote what: a file of JSON lines for each day in UTC, <directory>/2026-11-28.jsonl,
/// readable by its owner alone.
///
///     {"time": "...", "account", "arn", "access_key", "user", "job", "actions": [{"action",
///     "resource"}], "peer", "request_id", "status", "error"}
///
/// A line is in the kernel's hands before its answer leaves, so the death of the daemon loses none;
/// the disk has it within a second. Reports of supervisors, log lines and heartbeats are left out:
/// they say what a job does, not who asked for it, and the job's log has them.
class AuditLog {
 public:
  /// Makes the directory. Throws Error(Platform) when it cannot be written.
  explicit AuditLog(std::filesystem::path directory);
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;
  ~AuditLog();

  /// Never throws: a request whose line cannot be written is answered all the same, and the failure
  /// is logged.
  void record(const aws::AuditEntry& entry) noexcept;

 private:
  struct Day {
    std::string date;
    Fd file;
    bool written = false;  ///< since the last sync
  };

  void write(Day& day, Time at, std::string_view line);
  void sync();

  const std::filesystem::path directory_;
  Guarded<Day> day_;
  std::jthread syncer_;
};

}  // namespace millrace::identity
