#include "core/io/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/base/fd.h"

namespace millrace {
namespace {

/// Mounts may lie upon each other; nobody stacks as many.
constexpr int kMaxStackedMounts = 16;

/// An ordinary user's FUSE mounts are taken down by the program that made them.
bool detach_as_user(const char* path) noexcept {
  const char* arguments[] = {"fusermount3", "-u", "-z", "-q", "--", path, nullptr};
  pid_t child = 0;
  if (::posix_spawnp(&child, arguments[0], nullptr, nullptr, const_cast<char* const*>(arguments),
                     environ) != 0)
    return false;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status == 0;
}

/// Without leaving the file system or mount that holds it: EXDEV when something is mounted there.
Fd open_here(int parent, const char* name) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_NO_XDEV;
  return Fd(static_cast<int>(::syscall(SYS_openat2, parent, name, &how, sizeof how)));
}

Fd open_to_empty(int parent, const char* name) {
  Fd directory = open_here(parent, name);
  if (!directory && errno == EACCES) {
    // An owner without root's rights cannot remove what lies in a directory he may not enter.
    ::fchmodat(parent, name, 0700, 0);
    directory = open_here(parent, name);
  }
  for (int i = 0; !directory && errno == EXDEV && i < kMaxStackedMounts; ++i) {
    const std::string path = "/proc/self/fd/" + std::to_string(parent) + "/" + name;
    if (!detach_mount(path)) break;
    directory = open_here(parent, name);
  }
  return directory;
}

/// So many directories are open at once.
constexpr int kMaxLevels = 64;

/// Removes one tree. However deep that is, it takes a bounded number of descriptors and stack
/// frames: a directory that lies too deep is renamed into the topmost one, and removed from there.
class Removal {
 public:
  /// Whether nothing is left; `level` is 0 at the top.
  bool remove(int parent, const char* name, int level) {
    if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT) return true;
    const bool may_be_directory = errno == EISDIR || errno == EPERM || errno == EBUSY;
    if (!may_be_directory) return false;
    {
      const Fd directory = open_to_empty(parent, name);
      if (!directory) return false;
      // Without these rights nothing is removed from it, nor is it given another parent.
      struct stat status {};
      if (::fstat(directory.get(), &status) == 0 && (status.st_mode & 0700) != 0700)
        ::fchmod(directory.get(), 0700);
      if (level >= kMaxLevels && raise(parent, name)) return true;
      if (level == 0) {
        empty_top(directory.get());
      } else {
        empty(directory.get(), level);
      }
    }
    return ::unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
  }

 private:
  void empty(int directory, int level) {
    for (const std::string& name : names_in(directory)) remove(directory, name.c_str(), level + 1);
  }

  void empty_top(int directory) {
    top_ = directory;
    // Only for what came up: what can be neither moved nor removed stays where it is.
    std::uint64_t before = 0;
    do {
      before = raised_;
      empty(directory, 0);
    } while (raised_ != before);
  }

  bool raise(int parent, const char* name) {
    for (;;) {
      const std::string above = "raised-" + std::to_string(names_tried_++);
      if (::renameat2(parent, name, top_, above.c_str(), RENAME_NOREPLACE) == 0) {
        ++raised_;
        return true;
      }
      if (errno != EEXIST) return false;
    }
  }

  int top_ = -1;
  std::uint64_t raised_ = 0;
  std::uint64_t names_tried_ = 0;
};

}  // namespace

std::vector<std::string> names_in(int directory) {
  std::vector<std::string> names;
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy < 0 ? nullptr : ::fdopendir(copy),
                                                   ::closedir);
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

bool detach_mount(const std::filesystem::path& path) noexcept {
  if (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) return true;
  return errno == EPERM && detach_as_user(path.c_str());
}

bool remove_tree(const std::filesystem::path& path) noexcept {
  try {
    const Fd parent(::open(path.has_parent_path() ? path.parent_path().c_str() : ".",
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent) return errno == ENOENT;
    return Removal().remove(parent.get(), path.filename().c_str(), 0);
  } catch (const std::exception&) {
    return false;  // no memory for a list of names
  }
}

}  // namespace millrace
