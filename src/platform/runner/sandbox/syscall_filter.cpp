#include "platform/runner/sandbox/syscall_filter.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>

#include "core/base/error.h"

namespace millrace::runner {
namespace {

using Filter = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

void check(int result, const char* what) {
  if (result == 0) return;
  errno = -result;
  throw_errno(std::string("building the system call filter: ") + what);
}

constexpr int kRefused[] = {
    SCMP_SYS(acct),
    SCMP_SYS(add_key),
    SCMP_SYS(bpf),
    SCMP_SYS(delete_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fsopen),
    SCMP_SYS(fspick),
    SCMP_SYS(init_module),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(kexec_load),
    SCMP_SYS(keyctl),
    SCMP_SYS(mount),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(move_mount),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(open_tree),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(pivot_root),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(ptrace),
    SCMP_SYS(quotactl),
    SCMP_SYS(reboot),
    SCMP_SYS(request_key),
    SCMP_SYS(setns),
    SCMP_SYS(swapoff),
    SCMP_SYS(swapon),
    SCMP_SYS(syslog),
    SCMP_SYS(umount2),
    SCMP_SYS(unshare),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(vhangup),
};

/// Flags of clone that make namespaces; a new user namespace would give capabilities back.
constexpr std::uint64_t kNamespaceFlags[] = {CLONE_NEWUSER,  CLONE_NEWNS,  CLONE_NEWPID,
                                             CLONE_NEWNET,   CLONE_NEWIPC, CLONE_NEWUTS,
                                             CLONE_NEWCGROUP};

}  // namespace

Fd make_syscall_filter() {
  const Filter filter(::seccomp_init(SCMP_ACT_ALLOW), ::seccomp_release);
  if (!filter)
    throw Error(Blame::Platform, "building the system call filter: libseccomp cannot start");
  for (const int call : kRefused) {
    check(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0), "refusing a call");
  }
  check(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0),
        "hiding clone3");
  for (const std::uint64_t flag : kNamespaceFlags) {
    check(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)),
          "refusing new namespaces");
  }
  // Pushing characters into the terminal a daemon was started from. The request is a 32 bit value
  // in a 64 bit register.
  check(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                           SCMP_A1(SCMP_CMP_MASKED_EQ, 0xFFFFFFFFU, TIOCSTI)),
        "refusing TIOCSTI");

  Fd file(::memfd_create("syscall-filter", MFD_CLOEXEC));
  if (!file) throw_errno("building the system call filter: memfd_create");
  check(::seccomp_export_bpf(filter.get(), file.get()), "exporting");
  if (::lseek(file.get(), 0, SEEK_SET) != 0) throw_errno("building the system call filter: lseek");
  return file;
}

}  // namespace millrace::runner
