#pragma once

#include <signal.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "platform/cli/command_environment.h"

namespace millrace::cli {

/// One command that stands in for this process: it shares the terminal, gets the signals that are
/// sent here, and how it ends is how this process is to end.
///
///     ChildProcess child;                       // first: it blocks signals, also of later threads
///     child.start(command, environment);
///     const ChildProcess::End end = child.wait();
class ChildProcess {
 public:
  ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  /// Restores the signals.
  ~ChildProcess();

  /// Finds the command as a shell does. Throws Error(Customer) when it cannot be started.
  void start(const std::vector<std::string>& command, const Environment& environment);
  [[nodiscard]] pid_t pid() const { return pid_; }

  struct End {
    int status = 0;  ///< its exit status, or
    int signal = 0;  ///< the signal that ended it
  };
  /// Passes signals on until it has ended.
  End wait();

 private:
  sigset_t passed_on_{};
  sigset_t before_{};
  pid_t pid_ = 0;
};

/// Ends this process by `signal`, as a command did, so that its caller sees the same. Returns only
/// where the signal is ignored.
void end_by(int signal);

}  // namespace millrace::cli
