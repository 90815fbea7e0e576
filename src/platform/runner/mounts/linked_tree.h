#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <ctime>
#include <string>
#include <variant>
#include <vector>

#include "core/base/fd.h"
#include "platform/runner/mounts/linked_objects.h"

namespace millrace::runner {

/// A directory whose files are those that lie there and, beside them, the objects that belong there
/// and have not been fetched. Paths are relative, "" is the directory itself. What answers an int
/// answers 0 or the errno for the program; what needs a file's content waits for its object.
///
/// Each path is walked without following a link: the kernel has resolved the links that the program
/// may follow, and one that somebody puts in the way meanwhile is not followed.
class LinkedTree {
 public:
  /// `objects` must outlive the tree.
  LinkedTree(const Fd& directory, LinkedObjects& objects);

  [[nodiscard]] int attributes(const std::string& path, struct stat& status) const;
  /// Changes what the FUSE_SET_ATTR_ bits of `what` name; through `file` where it is not negative.
  int set_attributes(const std::string& path, const struct stat& wanted, int what, int file);

  /// Every name in a directory, "." and ".." too, or an errno.
  [[nodiscard]] std::variant<std::vector<std::string>, int> names_in(const std::string& path) const;

  /// Opens what is there, with the object's content; invalid with errno set.
  Fd open(const std::string& path, int flags);
  Fd create(const std::string& path, int flags, mode_t mode);

  int make_directory(const std::string& path, mode_t mode);
  int make_symbolic_link(const std::string& path, const char* target);
  int make_link(const std::string& path, const std::string& new_path);
  /// Where a symbolic link leads, or an errno.
  [[nodiscard]] std::variant<std::string, int> symbolic_link(const std::string& path) const;
  int remove(const std::string& path);
  int remove_directory(const std::string& path);
  int rename(const std::string& path, const std::string& new_path, unsigned flags);

  /// The directory itself, for statvfs.
  [[nodiscard]] const Fd& directory() const { return directory_; }

 private:
  /// A directory and the name in it.
  struct Place {
    Fd directory;
    std::string name;
  };

  [[nodiscard]] Place place(const std::string& path) const;
  [[nodiscard]] Fd open_at(const std::string& path, int flags, mode_t mode) const;

  const Fd directory_;
  LinkedObjects& objects_;
  const std::time_t listed_at_;
};

}  // namespace millrace::runner
