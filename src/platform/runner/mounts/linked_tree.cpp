#include "platform/runner/mounts/linked_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <memory>
#include <set>
#include <utility>

#include "platform/runner/mounts/fuse_session.h"

namespace millrace::runner {
namespace {

std::pair<std::string, std::string> split_last(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

int outcome(bool done) {
  return done ? 0 : errno;
}

/// What setattr says of one of the two times.
timespec time_to_set(int what, int set, int set_to_now, const timespec& wanted) {
  if ((what & set_to_now) != 0) return {.tv_sec = 0, .tv_nsec = UTIME_NOW};
  if ((what & set) != 0) return wanted;
  return {.tv_sec = 0, .tv_nsec = UTIME_OMIT};
}

}  // namespace

LinkedTree::LinkedTree(const Fd& directory, LinkedObjects& objects)
    : directory_(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      objects_(objects),
      listed_at_(::time(nullptr)) {}

LinkedTree::Place LinkedTree::place(const std::string& path) const {
  const auto [parent, name] = split_last(path);
  return {.directory = open_at(parent, O_PATH | O_DIRECTORY, 0), .name = name.empty() ? "." : name};
}

Fd LinkedTree::open_at(const std::string& path, int flags, mode_t mode) const {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  return Fd(static_cast<int>(::syscall(SYS_openat2, directory_.get(),
                                       path.empty() ? "." : path.c_str(), &how, sizeof how)));
}

int LinkedTree::attributes(const std::string& path, struct stat& status) const {
  const Place at = place(path);
  if (at.directory &&
      ::fstatat(at.directory.get(), at.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
    return 0;
  const int failure = errno;
  const ChannelObject* object = failure == ENOENT ? objects_.find(path) : nullptr;
  if (object == nullptr) return failure;
  status = {};
  status.st_mode = S_IFREG | 0644;
  status.st_nlink = 1;
  status.st_uid = ::getuid();
  status.st_gid = ::getgid();
  status.st_size = object->size;
  status.st_blksize = 1 << 20;
  status.st_mtim.tv_sec = status.st_ctim.tv_sec = status.st_atim.tv_sec = listed_at_;
  return 0;
}

int LinkedTree::set_attributes(const std::string& path, const struct stat& wanted, int what,
                               int file) {
  if (const int failure = objects_.touch(path)) return failure;
  const Place at = place(path);
  const char* name = at.name.c_str();
  const int directory = at.directory.get();
  if ((what & FUSE_SET_ATTR_MODE) != 0 &&
      ::fchmodat(directory, name, wanted.st_mode & 07777, 0) != 0)
    return errno;
  if ((what & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) != 0 &&
      ::fchownat(directory, name,
                 (what & FUSE_SET_ATTR_UID) != 0 ? wanted.st_uid : static_cast<uid_t>(-1),
                 (what & FUSE_SET_ATTR_GID) != 0 ? wanted.st_gid : static_cast<gid_t>(-1),
                 AT_SYMLINK_NOFOLLOW) != 0)
    return errno;
  if ((what & FUSE_SET_ATTR_SIZE) != 0) {
    const Fd opened = file < 0 ? open_at(path, O_WRONLY, 0) : Fd();
    if (::ftruncate(file < 0 ? opened.get() : file, wanted.st_size) != 0) return errno;
  }
  if ((what & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME)) != 0) {
    const timespec times[2] = {
        time_to_set(what, FUSE_SET_ATTR_ATIME, FUSE_SET_ATTR_ATIME_NOW, wanted.st_atim),
        time_to_set(what, FUSE_SET_ATTR_MTIME, FUSE_SET_ATTR_MTIME_NOW, wanted.st_mtim)};
    if (::utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  }
  return 0;
}

std::variant<std::vector<std::string>, int> LinkedTree::names_in(const std::string& path) const {
  Fd fd = open_at(path, O_RDONLY | O_DIRECTORY, 0);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fd ? ::fdopendir(fd.release()) : nullptr,
                                                   ::closedir);
  if (!stream) return errno;
  std::set<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) names.insert(entry->d_name);
  if (path.empty()) names.erase(kLinkedState);
  for (std::string& name : objects_.names_in(path)) names.insert(std::move(name));
  return std::vector<std::string>(names.begin(), names.end());
}

Fd LinkedTree::open(const std::string& path, int flags) {
  if ((flags & O_TRUNC) != 0 && objects_.find(path) != nullptr) {
    // Nothing of the object will be left.
    flags |= O_CREAT;
    objects_.forget(path);
  } else if (const int failure = objects_.touch(path)) {
    errno = failure;
    return {};
  }
  return open_at(path, flags, 0644);
}

Fd LinkedTree::create(const std::string& path, int flags, mode_t mode) {
  return open_at(path, flags | O_CREAT, mode & 07777);
}

int LinkedTree::make_directory(const std::string& path, mode_t mode) {
  const Place at = place(path);
  return outcome(::mkdirat(at.directory.get(), at.name.c_str(), mode & 07777) == 0);
}

int LinkedTree::make_symbolic_link(const std::string& path, const char* target) {
  const Place at = place(path);
  return outcome(::symlinkat(target, at.directory.get(), at.name.c_str()) == 0);
}

int LinkedTree::make_link(const std::string& path, const std::string& new_path) {
  if (const int failure = objects_.touch(path)) return failure;
  const Place from = place(path);
  const Place to = place(new_path);
  return outcome(::linkat(from.directory.get(), from.name.c_str(), to.directory.get(),
                          to.name.c_str(), 0) == 0);
}

std::variant<std::string, int> LinkedTree::symbolic_link(const std::string& path) const {
  const Place at = place(path);
  std::string target(PATH_MAX + 1, '\0');
  const ssize_t length = ::readlinkat(at.directory.get(), at.name.c_str(), target.data(), PATH_MAX);
  if (length < 0) return errno;
  target.resize(static_cast<std::size_t>(length));
  return target;
}

int LinkedTree::remove(const std::string& path) {
  const Place at = place(path);
  const bool was_object = objects_.find(path) != nullptr;
  const bool done = ::unlinkat(at.directory.get(), at.name.c_str(), 0) == 0;
  if (!done && !(errno == ENOENT && was_object)) return errno;
  objects_.forget(path);
  return 0;
}

int LinkedTree::remove_directory(const std::string& path) {
  if (objects_.any_below(path)) return ENOTEMPTY;
  const Place at = place(path);
  return outcome(::unlinkat(at.directory.get(), at.name.c_str(), AT_REMOVEDIR) == 0);
}

int LinkedTree::rename(const std::string& path, const std::string& new_path, unsigned flags) {
  if ((flags & RENAME_EXCHANGE) != 0) return EINVAL;
  // Programs that move files then copy them one by one, which fetches them.
  if (objects_.any_below(path)) return EXDEV;
  if ((flags & RENAME_NOREPLACE) != 0 && objects_.find(new_path) != nullptr) return EEXIST;
  if (const int failure = objects_.touch(path)) return failure;
  const Place from = place(path);
  const Place to = place(new_path);
  if (::renameat2(from.directory.get(), from.name.c_str(), to.directory.get(), to.name.c_str(),
                  flags) != 0)
    return errno;
  objects_.forget(path);
  objects_.forget(new_path);
  return 0;
}

}  // namespace millrace::runner
