#include "platform/runner/mounts/directory_mount.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/base/error.h"
#include "core/io/tree.h"

namespace millrace::runner {

DirectoryMount::DirectoryMount(const Fd& directory, const std::filesystem::path& place,
                               bool read_only) {
  const Fd tree(::open_tree(directory.get(), "",
                            AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (!tree && errno == EPERM) {
    source_ = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(directory.get()));
    return;
  }
  if (!tree) throw_errno("attaching a directory: open_tree");
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (read_only ? MOUNT_ATTR_RDONLY : 0U);
  attributes.propagation = MS_PRIVATE;
  if (::mount_setattr(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                      sizeof attributes) != 0)
    throw_errno("attaching a directory: mount_setattr");
  if (::move_mount(tree.get(), "", AT_FDCWD, place.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
    throw_errno("attaching a directory: move_mount");
  source_ = place;
  mounted_ = true;
}

DirectoryMount::~DirectoryMount() {
  if (mounted_) detach_mount(source_);
}

Fd open_directory_beneath(const Fd& root, const std::filesystem::path& relative) {
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const char* path = relative.empty() ? "." : relative.c_str();
  return Fd(static_cast<int>(::syscall(SYS_openat2, root.get(), path, &how, sizeof how)));
}

}  // namespace millrace::runner
