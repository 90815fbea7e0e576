#pragma once

#include <sys/types.h>

#include "core/base/fd.h"

namespace millrace::runner {

/// A network namespace, by descriptors with which others can join it (setns(2)), in whatever
/// process they are. It lives as long as one of them is open, or a process is in it.
struct NetworkNamespace {
  Fd network;
  /// The user namespace that owns it, whose rights joining takes; invalid where that is the one
  /// this process is in, which has them and cannot join it again.
  Fd user;
};

/// The one that process `member` is in. Throws Error(Platform).
NetworkNamespace namespace_of(pid_t member);

/// Waits until the user namespace of `member` knows its users (user_namespaces(7)): whoever joined
/// it before would be nobody there. Throws Error(Platform) when that does not come about.
void wait_for_users(pid_t member);

/// The calling process, which has one thread, moves there. False, with errno. Only system calls, so
/// that it may be called between fork and exec. With joining the kernel forgets whom the process
/// was to die with (PR_SET_PDEATHSIG).
bool join(int network, int user) noexcept;

}  // namespace millrace::runner
