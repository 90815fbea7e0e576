#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/fd.h"
#include "core/io/progress.h"
#include "platform/containers/root_tree.h"

namespace millrace::containers {

/// A directory of this machine as the one layer of an image.
class DirectoryLayer {
 public:
  /// Throws Error(Customer) when it is no directory.
  explicit DirectoryLayer(const std::filesystem::path& directory);

  /// Of all files' content, each name counted.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Reads all of it, in the order of names, into `tree` where that is given; "sha256:..." of
  /// names, kinds, permissions, links and content. Throws Error(Platform) for a file that this user
  /// may not read.
  std::string read(RootTree* tree, Progress& progress) const;

 private:
  std::filesystem::path path_;
  Fd directory_;
  std::uint64_t bytes_ = 0;
};

}  // namespace millrace::containers
