#pragma once

#include <filesystem>
#include <string>

#include "core/base/fd.h"

namespace millrace {

/// A name of at most 60 bytes for a file in a directory that exists, whatever the directory's path,
/// for as long as this lives: the name of a UNIX socket has room for 107. The file's own name may
/// have up to 32 bytes. Throws Error(Platform) naming the directory when it cannot be opened.
class ShortPath {
 public:
  explicit ShortPath(const std::filesystem::path& path);

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Fd directory_;
  std::string name_;  ///< "/proc/self/fd/7/instance.sock"
};

}  // namespace millrace
