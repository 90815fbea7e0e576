#pragma once

#include <sys/types.h>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/fd.h"

namespace millrace::proxy {

/// One attempt to reach a host.
struct Attempt {
  std::string host;
  std::uint16_t port = 0;
  std::string refusal;  ///< why not; empty: served
};

/// Who tried to reach what, one JSON object a line, appended to a file that only its owner reads:
///
///     {"Time": "2026-01-02T03:04:05.678Z", "Process": {"Pid": 4711, "Command": "python3
///     train.py"},
///      "Host": "example.com", "Port": 443, "Verdict": "refused", "Reason": "..."}
///
/// Several processes may append to one file.
class AuditLog {
 public:
  /// Throws Error(Platform) when the file cannot be opened.
  explicit AuditLog(const std::filesystem::path& file);

  /// The process whose attempts follow: it is known only when it has been started.
  void set_process(pid_t pid, std::string command);
  /// Throws Error(Platform) when the line cannot be written whole.
  void record(const Attempt& attempt) const;

 private:
  Fd file_;
  pid_t pid_ = 0;
  std::string command_;
};

}  // namespace millrace::proxy
