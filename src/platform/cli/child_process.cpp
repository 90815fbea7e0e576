#include "platform/cli/child_process.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "core/base/error.h"
#include "core/io/spawn.h"

namespace millrace::cli {
namespace {

constexpr std::array<int, 6> kPassedOn{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

}  // namespace

ChildProcess::ChildProcess() {
  sigemptyset(&passed_on_);
  for (const int signal : kPassedOn) sigaddset(&passed_on_, signal);
  sigaddset(&passed_on_, SIGCHLD);
  // Ignored, as some callers leave it, it would hide how the command ends.
  std::signal(SIGCHLD, SIG_DFL);
  ::pthread_sigmask(SIG_BLOCK, &passed_on_, &before_);
}

ChildProcess::~ChildProcess() {
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void ChildProcess::start(const std::vector<std::string>& command, const Environment& environment) {
  // This process ignores SIGPIPE; a command that writes to a closed pipe is to end.
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  pid_ = spawn(
      {.command = command, .environment = environment, .blocked = before_, .defaults = defaults},
      Blame::Customer);
}

ChildProcess::End ChildProcess::wait() {
  for (;;) {
    siginfo_t told{};
    const int signal = ::sigwaitinfo(&passed_on_, &told);
    // What the terminal sends reaches the command by itself: it is in the same process group.
    if (signal > 0 && signal != SIGCHLD && told.si_code != SI_KERNEL) ::kill(pid_, signal);
    int status = 0;
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_ && WIFEXITED(status)) return {.status = WEXITSTATUS(status)};
    if (ended == pid_ && WIFSIGNALED(status)) return {.signal = WTERMSIG(status)};
    if (ended < 0 && errno != EINTR) throw_errno("waiting for the command");
  }
}

void end_by(int signal) {
  // The command has left its own core file, if any.
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &none);
  std::signal(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
}

}  // namespace millrace::cli
