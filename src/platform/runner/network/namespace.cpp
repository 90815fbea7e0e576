#include "platform/runner/network/namespace.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "core/base/error.h"

namespace millrace::runner {

NetworkNamespace namespace_of(pid_t member) {
  const std::string path = "/proc/" + std::to_string(member) + "/ns/net";
  NetworkNamespace found{.network = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), .user = {}};
  if (!found.network) throw_errno("reaching the program: its network namespace");
  // Not always the one the process is in: bubblewrap may make another inside it. Root's is the one
  // that this process is in too.
  found.user = Fd(::ioctl(found.network.get(), NS_GET_USERNS));
  struct stat owner {};
  struct stat own {};
  if (found.user && ::fstat(found.user.get(), &owner) == 0 &&
      ::stat("/proc/self/ns/user", &own) == 0 && owner.st_ino == own.st_ino)
    found.user.close();
  return found;
}

void wait_for_users(pid_t member) {
  // Whoever has made the namespace is about to say so.
  constexpr auto kPatience = std::chrono::seconds(10);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    const std::string path = "/proc/" + std::to_string(member) + "/uid_map";
    const Fd map(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!map) break;
    char byte = 0;
    if (::read(map.get(), &byte, 1) == 1) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  throw Error(Blame::Platform, "the program's user namespace was not set up");
}

bool join(int network, int user) noexcept {
  if (user >= 0 && ::setns(user, CLONE_NEWUSER) != 0) return false;
  return ::setns(network, CLONE_NEWNET) == 0;
}

}  // namespace millrace::runner
