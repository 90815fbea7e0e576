#include "platform/runner/network/namespace.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <string>

#include "core/base/error.h"
#include "core/base/random.h"

namespace millrace::runner {

NetworkNamespace namespace_of(pid_t member) {
  const std::string path = "/proc/" + std::to_string(member) + "/ns/net";
  NetworkNamespace found{
      .network = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), .user = {}, .name = random_hex(8)};
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

bool join(int network, int user) noexcept {
  if (user >= 0 && ::setns(user, CLONE_NEWUSER) != 0) return false;
  return ::setns(network, CLONE_NEWNET) == 0;
}

}  // namespace millrace::runner
