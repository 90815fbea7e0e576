#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/base/fd.h"
#include "core/base/time.h"
#include "platform/runner/network/namespace.h"
#include "platform/runner/sandbox/control_groups.h"

namespace millrace::runner {

/// A directory or file of this machine that the program sees in another place.
struct Bind {
  std::filesystem::path source;
  std::filesystem::path target;
  bool writable = false;
};

/// What to run and what it may see. Paths are this machine's.
struct SandboxOrder {
  std::vector<std::string> command;  ///< program and arguments; looked up in the sandbox's PATH
  std::map<std::string, std::string> environment;  ///< all of it
  std::string host;                                ///< the name the program's machine has
  std::vector<std::string> hosts;                  ///< names that resolve
  std::map<std::string, std::string> addresses;    ///< of hosts; the others' is 127.0.0.1
  std::filesystem::path writable;                  ///< becomes /opt/ml
  std::filesystem::path input;                     ///< becomes /opt/ml/input, read-only
  std::filesystem::path scratch;                   ///< becomes /tmp
  std::vector<Bind> binds;
  bool network = true;  ///< the machine's; false: a loopback interface and nothing else
  /// Where `network` is false: the namespace to share; nullptr: a new one.
  const NetworkNamespace* shared = nullptr;
  /// Called once the namespaces exist and before the program is executed in them, with the number
  /// of a process that is in them; what it throws ends the start. Not without a sandbox.
  std::function<void(pid_t)> prepare{};
  Limits limits;
  std::string group_name;  ///< of the control groups: "millrace-<own pid>-<job>"
};

/// How a program ended.
struct Exit {
  int code = 0;                ///< 128 + s when signal s ended it
  bool out_of_memory = false;  ///< the kernel killed something of it at the memory limit
};

/// A running program. Nothing it started outlives this object, whatever happens to this process:
/// the program dies with the thread that started it, and takes its pid namespace along.
class Program {
 public:
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  /// Standard output and standard error as one stream; to be taken once.
  Fd take_output() { return std::move(output_); }
  [[nodiscard]] Time started() const { return started_; }
  /// Limits that are not in force, one sentence each.
  [[nodiscard]] const std::vector<std::string>& unenforced() const { return groups_.unenforced(); }

  /// SIGTERM to the program itself, the first process, and to no other.
  void terminate() const;
  /// Whether terminate() can have an effect now: to the first process of a namespace a signal that
  /// it has no handler for does nothing (pid_namespaces(7)).
  [[nodiscard]] bool heeds_terminate() const;
  /// SIGKILL to every process.
  void kill() const;
  /// Whether it ended before `timeout` passed or `wake` became readable.
  [[nodiscard]] bool ended(std::chrono::milliseconds timeout, int wake) const;
  /// Waits for the end. Afterwards no process of it exists.
  Exit wait();

 private:
  friend class ProgramStart;
  explicit Program(ControlGroups groups) : groups_(std::move(groups)) {}
  void reap_stragglers() const;

  ControlGroups groups_;
  Fd output_;
  Fd status_;  ///< kept open: bubblewrap still writes to it when the program ends
  Time started_{};
  pid_t child_ =
      -1;  ///< our own child: bubblewrap, or the program itself when unconfined; -1 once reaped
  Fd child_handle_;    ///< pidfd of child_
  Fd program_handle_;  ///< pidfd of the program, first of its namespace
  bool confined_ = true;
  Exit exit_;
};

/// Why this machine cannot make a sandbox.
struct SandboxRefusal {
  std::string reason;
};

/// Starts the program under bubblewrap and returns once it has been executed: own user, mount, pid,
/// IPC, UTS and (unless order.network or order.shared) network namespaces, /usr read-only, no
/// capabilities, no new privileges, a system call filter and control groups. Must be called on a
/// thread that outlives the program. Throws Error(Customer) naming the program when it is missing
/// or not executable, or what of the order contains a NUL byte.
std::variant<std::unique_ptr<Program>, SandboxRefusal> start_sandboxed(const SandboxOrder& order);

/// Starts the program with nothing but control groups around it, /opt/ml being order.writable
/// (environment variable SAGEMAKER_BASE_DIR). Only for machines without namespaces whose operator
/// allowed it.
std::unique_ptr<Program> start_unconfined(const SandboxOrder& order);

}  // namespace millrace::runner
