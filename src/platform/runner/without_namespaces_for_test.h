#pragma once

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <iostream>

#include "core/base/fd.h"
#include "platform/runner/sandbox/syscall_filter.h"

namespace millrace::runner {

/// Runs `body` in a process in which no namespace can be made, as on a hardened machine.
inline int without_namespaces(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    const Fd filter = make_syscall_filter();
    std::array<sock_filter, 512> code{};
    const ssize_t bytes = ::read(filter.get(), code.data(), sizeof code);
    sock_fprog program{
        .len = static_cast<unsigned short>(bytes / static_cast<ssize_t>(sizeof(sock_filter))),
        .filter = code.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
      ::_exit(3);
    }
    body();
    std::cout.flush();
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace millrace::runner
