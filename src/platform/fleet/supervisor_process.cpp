#include "platform/fleet/supervisor_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/spawn.h"

namespace millrace::fleet {
namespace {

constexpr const char* kLogName = "supervisor.log";

Fd open_locked_log(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kLogName;
  Fd log(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!log) throw_errno("creating " + std::string(kLogName));
  if (::flock(log.get(), LOCK_EX | LOCK_NB) != 0) throw_errno("locking " + std::string(kLogName));
  return log;
}

}  // namespace

pid_t start_supervisor(const SupervisorStart& start) {
  std::filesystem::create_directories(start.directory);
  const Fd log = open_locked_log(start.directory);

  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  return spawn({.command = {start.program.string(), "job", start.workload, "--host", start.host},
                .environment = start.environment,
                .directory = start.directory,
                .output = log.get(),
                .errors = log.get(),
                .detached = true,
                .blocked = none,
                .defaults = all},
               Blame::Platform);
}

std::optional<ProcessId> find_process(pid_t pid) {
  const std::filesystem::path file = "/proc/" + std::to_string(pid) + "/stat";
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  char buffer[1024];
  const ssize_t count = fd ? ::read(fd.get(), buffer, sizeof buffer) : -1;
  if (count <= 0) return std::nullopt;
  // The second field is the program's name in parentheses and may hold anything; the third follows
  // the last ')'.
  const std::string_view text(buffer, static_cast<std::size_t>(count));
  const std::size_t name_end = text.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  const auto fields = split(text.substr(name_end + 2), ' ');
  constexpr std::size_t kState = 0;
  constexpr std::size_t kStartTime = 22 - 3;
  if (fields.size() <= kStartTime || fields[kState] == "Z" || fields[kState] == "X")
    return std::nullopt;
  const auto started = parse_int(fields[kStartTime]);
  if (!started) return std::nullopt;
  return ProcessId{.pid = pid, .started = *started};
}

// The system calls themselves: glibc 2.36 declares its wrappers without C linkage.
Fd watch_child(pid_t pid) {
  Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!fd) throw_errno("watching the supervisor");
  return fd;
}

void kill_process(const Fd& watch) {
  ::syscall(SYS_pidfd_send_signal, watch.get(), SIGKILL, nullptr, 0);
}

std::optional<Fd> watch_process(const ProcessId& process) {
  Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!fd) {
    if (errno == ESRCH || errno == EINVAL) return std::nullopt;
    throw_errno("watching a supervisor");
  }
  // Looked at after opening: the descriptor stands for whoever has the number now.
  const std::optional<ProcessId> now = find_process(process.pid);
  if (!now || now->started != process.started) return std::nullopt;
  return fd;
}

bool supervisor_lives(const std::filesystem::path& directory) {
  const Fd log(::open((directory / kLogName).c_str(), O_RDONLY | O_CLOEXEC));
  if (!log) return false;
  // Closing the descriptor gives the lock back at once where it could be had.
  return ::flock(log.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::string supervisor_log_tail(const std::filesystem::path& directory, std::size_t max_bytes) {
  const Fd log(::open((directory / kLogName).c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!log || ::fstat(log.get(), &status) != 0) return {};
  const auto size = static_cast<std::size_t>(std::max<off_t>(0, status.st_size));
  std::string text(std::min(size, max_bytes), '\0');
  const ssize_t count =
      ::pread(log.get(), text.data(), text.size(), static_cast<off_t>(size - text.size()));
  if (count < 0) return {};
  text.resize(static_cast<std::size_t>(count));
  std::string_view tail = trim(text);
  // The first line may have been cut anywhere.
  if (size > max_bytes) {
    if (const std::size_t line = tail.find('\n'); line != std::string_view::npos)
      tail.remove_prefix(line + 1);
  }
  std::string result;
  for (const std::string_view line : split(tail, '\n')) {
    if (!result.empty()) result += " | ";
    result += printable(trim(line), max_bytes);
  }
  return result;
}

}  // namespace millrace::fleet
