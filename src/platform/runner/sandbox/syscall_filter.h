#pragma once

#include "core/base/fd.h"

namespace millrace::runner {

/// A compiled seccomp filter in an anonymous file, read position at the start, for bubblewrap's
/// --seccomp. It lets training code do what it needs and takes away what reaches into the kernel
/// beyond that: mounting, tracing, kernel keys, new namespaces, io_uring, kernel modules and the
/// like fail with EPERM. clone3 fails with ENOSYS, so that the C library falls back to clone, whose
/// flags a filter can see.
///
/// It is a blocklist: a system call that a later kernel adds is allowed. Throws Error(Platform).
Fd make_syscall_filter();

}  // namespace millrace::runner
