#include "platform/cli/child_process.h"

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/base/error.h"

namespace millrace::cli {
namespace {

constexpr std::array<int, 6> kPassedOn{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

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
  std::vector<std::string> arguments = command;
  std::vector<std::string> variables;
  variables.reserve(environment.size());
  for (const auto& [name, value] : environment) {
    variables.push_back(name);
    variables.back().append("=").append(value);
  }
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  // This process ignores SIGPIPE; a command that writes to a closed pipe is to end.
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setsigmask(&attributes, &before_);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int failure = ::posix_spawnp(&pid_, arguments.front().c_str(), nullptr, &attributes,
                                     pointers_to(arguments).data(), pointers_to(variables).data());
  ::posix_spawnattr_destroy(&attributes);
  if (failure != 0) {
    throw Error(Blame::Customer, "cannot run " + command.front() + ": " + std::strerror(failure));
  }
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
