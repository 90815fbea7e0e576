#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/base/fd.h"

namespace millrace::fleet {

/// A process told apart from a later one with the same number.
struct ProcessId {
  pid_t pid = 0;
  std::int64_t started = 0;  ///< clock ticks after boot, field 22 of /proc/<pid>/stat
};

struct SupervisorStart {
  std::filesystem::path program;  ///< the millrace binary
  std::string workload;
  std::string host;
  std::filesystem::path
      directory;  ///< <data>/work/<workload>/<host>, made if missing; becomes its working directory
  std::map<std::string, std::string>
      environment;  ///< all of it: nothing of the daemon's is inherited
};

/// Starts `millrace job <workload> --host <host>` in a session of its own, so that it outlives the
/// daemon, with /dev/null as its input and <directory>/supervisor.log, appended, as its output. The
/// log is locked (flock) for as long as the process has it open. Throws Error(Platform).
pid_t start_supervisor(const SupervisorStart& start);

/// nullopt when there is no such process, or only its remains.
std::optional<ProcessId> find_process(pid_t pid);

/// A descriptor that becomes readable when the process ends; nullopt when that process is gone,
/// even if another has taken its number.
std::optional<Fd> watch_process(const ProcessId& process);

/// As above for a child that has not been waited for, whose number cannot have been reused. Throws
/// Error(Platform).
Fd watch_child(pid_t pid);

/// SIGKILL; harmless when the process has ended.
void kill_process(const Fd& watch);

/// True while the supervisor started in `directory` lives: nobody else can hold its log's lock.
/// Needs no pid, so it also answers for a supervisor whose start was not recorded before the daemon
/// was killed.
bool supervisor_lives(const std::filesystem::path& directory);

/// The last lines of supervisor.log, at most `max_bytes`, printable; empty when there are none.
std::string supervisor_log_tail(const std::filesystem::path& directory, std::size_t max_bytes);

}  // namespace millrace::fleet
