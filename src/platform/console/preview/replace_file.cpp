#include "platform/console/preview/replace_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/io/file.h"

namespace millrace::console {
namespace {

/// A file beside the one that it is to become, gone with this object unless it has become it. What
/// it has been exchanged for stays unless it is dropped.
class Temporary {
 public:
  Temporary(const Fd& directory, const std::string& name, std::string_view content, unsigned mode)
      : directory_(directory), name_("." + name.substr(0, kMaxNamed) + "." + random_hex(6)) {
    const Fd fd(::openat(directory_.get(), name_.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!fd) throw_errno("creating a file");
    try {
      write_all(fd.get(), content);
      if (::fchmod(fd.get(), mode) != 0) throw_errno("setting a file's permissions");
      if (::fdatasync(fd.get()) != 0) throw_errno("syncing a file");
    } catch (...) {
      remove();
      throw;
    }
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!kept_) remove();
  }

  /// errno where it fails.
  bool rename(const std::string& name, unsigned flags) {
    if (::renameat2(directory_.get(), name_.c_str(), directory_.get(), name.c_str(), flags) != 0)
      return false;
    // The temporary name is nobody's now; of an exchange the other file's, which may be somebody's
    // work, until a second one gives it back.
    kept_ = flags != RENAME_EXCHANGE || !kept_;
    return true;
  }
  /// What has been exchanged for it is not needed.
  void drop() { kept_ = false; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  static constexpr std::size_t kMaxNamed = 200;  ///< of 255 that a name may have

  void remove() const { ::unlinkat(directory_.get(), name_.c_str(), 0); }

  const Fd& directory_;
  const std::string name_;
  bool kept_ = false;  ///< what has the name, if anything, is not this object's to remove
};

void sync(const Fd& directory) {
  if (::fsync(directory.get()) != 0) throw_errno("syncing a directory");
}

bool look(const Fd& directory, const std::string& name, struct stat& status) {
  if (::fstatat(directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno != ENOENT) throw_errno("looking at a file");
  return false;
}

}  // namespace

bool create_file(const Fd& directory, const std::string& name, std::string_view content,
                 unsigned mode) {
  Temporary temporary(directory, name, content, mode);
  if (!temporary.rename(name, RENAME_NOREPLACE)) {
    if (errno == EEXIST) return false;
    // File systems over the network know no such rename; a link fails as well where a name is
    // taken.
    if (errno != EINVAL && errno != ENOSYS) throw_errno("naming a file");
    if (::linkat(directory.get(), temporary.name().c_str(), directory.get(), name.c_str(), 0) !=
        0) {
      if (errno == EEXIST) return false;
      throw_errno("naming a file");
    }
  }
  sync(directory);
  return true;
}

bool replace_file(const Fd& directory, const std::string& name, std::string_view content,
                  const std::function<bool(const struct stat& status)>& expected) {
  struct stat status {};
  if (!look(directory, name, status) || !expected(status)) return false;
  Temporary temporary(directory, name, content, status.st_mode & 07777);
  if (temporary.rename(name, RENAME_EXCHANGE)) {
    if (look(directory, temporary.name(), status) && expected(status)) {
      temporary.drop();  // the old file goes with the temporary name
      sync(directory);
      return true;
    }
    if (!temporary.rename(name, RENAME_EXCHANGE)) throw_errno("putting a file back");
    return false;
  }
  if (errno == ENOENT) return false;  // it has gone meanwhile
  // Over the network there is no exchange: what changes between these two steps is lost.
  if (errno != EINVAL && errno != ENOSYS) throw_errno("replacing a file");
  if (!look(directory, name, status) || !expected(status)) return false;
  if (!temporary.rename(name, 0)) throw_errno("replacing a file");
  sync(directory);
  return true;
}

}  // namespace millrace::console
