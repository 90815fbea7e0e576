#pragma once

#include <filesystem>

#include "core/base/fd.h"

namespace millrace::runner {

/// A directory of this machine attached at another place, for a sandbox to bind: by its descriptor,
/// so that nobody can put another directory in its stead between the check of a path and the bind.
///
/// An ordinary user may not mount; then source() is the directory's own path, and a job that may
/// write to the directory above it could exchange it in that moment.
class DirectoryMount {
 public:
  /// `directory` is an O_PATH descriptor, `place` an empty directory.
  DirectoryMount(const Fd& directory, const std::filesystem::path& place, bool read_only);
  DirectoryMount(const DirectoryMount&) = delete;
  DirectoryMount& operator=(const DirectoryMount&) = delete;
  /// Detaches; the directory stays as it is.
  ~DirectoryMount();

  /// What to bind.
  [[nodiscard]] const std::filesystem::path& source() const { return source_; }

 private:
  std::filesystem::path source_;
  bool mounted_ = false;
};

/// Opens the directory `relative` ("" is the root itself) below `root` for DirectoryMount; symbolic
/// links are followed as long as they stay below it. An invalid Fd, with errno set (EXDEV: a link
/// leads out), when there is none.
Fd open_directory_beneath(const Fd& root, const std::filesystem::path& relative);

}  // namespace millrace::runner
