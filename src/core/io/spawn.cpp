#include "core/io/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <cstring>

extern char** environ;

namespace millrace {
namespace {

/// posix_spawn's two settings objects. What they refuse, for want of memory, is a failure like any
/// other of the start.
class Settings {
 public:
  Settings() {
    note(::posix_spawn_file_actions_init(&actions_));
    note(::posix_spawnattr_init(&attributes_));
  }
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;
  ~Settings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  void apply(const Spawn& order) {
    short flags = 0;
    if (order.detached) {
      note(::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
      flags |= POSIX_SPAWN_SETSID;
    }
    if (order.output >= 0)
      note(::posix_spawn_file_actions_adddup2(&actions_, order.output, STDOUT_FILENO));
    if (order.errors >= 0)
      note(::posix_spawn_file_actions_adddup2(&actions_, order.errors, STDERR_FILENO));
    if (order.detached)
      note(::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1));
    if (!order.directory.empty())
      note(::posix_spawn_file_actions_addchdir_np(&actions_, order.directory.c_str()));
    if (order.blocked) {
      note(::posix_spawnattr_setsigmask(&attributes_, &*order.blocked));
      flags |= POSIX_SPAWN_SETSIGMASK;
    }
    if (order.defaults) {
      note(::posix_spawnattr_setsigdefault(&attributes_, &*order.defaults));
      flags |= POSIX_SPAWN_SETSIGDEF;
    }
    note(::posix_spawnattr_setflags(&attributes_, flags));
  }

  /// errno of what has failed; 0: nothing.
  int start(pid_t& pid, char* const* arguments, char* const* variables) const {
    if (failure_ != 0) return failure_;
    return ::posix_spawnp(&pid, arguments[0], &actions_, &attributes_, arguments, variables);
  }

 private:
  void note(int failure) {
    if (failure_ == 0) failure_ = failure;
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  int failure_ = 0;
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

pid_t spawn(const Spawn& order, Blame blame) {
  std::vector<std::string> command = order.command;
  std::vector<std::string> variables;
  if (order.environment) {
    for (const auto& [name, value] : *order.environment) variables.push_back(name + "=" + value);
  }
  Settings settings;
  settings.apply(order);
  pid_t pid = 0;
  const int failure = settings.start(pid, pointers_to(command).data(),
                                     order.environment ? pointers_to(variables).data() : environ);
  if (failure == 0) return pid;
  // Where our own programs lie is nobody's business.
  const std::string name = blame == Blame::Customer
                               ? command.front()
                               : std::filesystem::path(command.front()).filename().string();
  throw Error(blame, "cannot run " + name + ": " + std::strerror(failure));
}

}  // namespace millrace
