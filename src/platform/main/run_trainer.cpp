#include "platform/main/run_trainer.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"
#include "platform/main/trainer_description.h"

namespace millrace {
namespace {

/// The words of a command line, and the pointers to them that execv takes.
class CommandLine {
 public:
  CommandLine(const std::string& command, std::vector<std::string> arguments)
      : words_(std::move(arguments)) {
    const std::optional<std::filesystem::path> trainer = find_trainer();
    if (!trainer) {
      throw Error(Blame::Customer,
                  Problem{.where = command,
                          .given = {},
                          .expected = "millrace-trainer beside this program or on PATH",
                          .fix = "Install it: models are read by the program that trains them."});
    }
    words_.insert(words_.begin(), trainer->string());
    for (std::string& word : words_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
  }

  [[nodiscard]] const char* program() const { return pointers_[0]; }
  [[nodiscard]] char* const* pointers() const { return pointers_.data(); }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

}  // namespace

void become_trainer(const std::string& command, std::vector<std::string> arguments) {
  const CommandLine line(command, std::move(arguments));
  ::execv(line.program(), line.pointers());
  throw_errno(std::string("starting ") + line.program());
}

int run_trainer(const std::string& command, std::vector<std::string> arguments) {
  const CommandLine line(command, std::move(arguments));
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw_errno("starting " + command);
  if (child == 0) {
    // Between fork and exec only what is safe in a signal handler: other threads may hold locks.
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() == parent) ::execv(line.program(), line.pointers());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw_errno("waiting for " + command);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace millrace
