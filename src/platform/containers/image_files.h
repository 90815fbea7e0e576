#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/io/byte_source.h"

namespace millrace::containers {

/// One file of an exported image.
struct ImageFile {
  std::unique_ptr<ByteSource> content;
  std::uint64_t size = 0;
};

/// The files that an image was exported to, in a directory or in one tar archive.
class ImageFiles {
 public:
  virtual ~ImageFiles() = default;
  /// nullopt when there is no such regular file; `path` is relative, "blobs/sha256/...". No link
  /// that leads out is followed. Must not outlive this.
  [[nodiscard]] virtual std::optional<ImageFile> open(const std::string& path) const = 0;
  /// What to call all of it in an error.
  [[nodiscard]] virtual const std::string& origin() const = 0;
};

/// Throws Error(Customer) when `path` is no directory.
std::unique_ptr<ImageFiles> files_of_directory(const std::filesystem::path& path);
/// Reads the headers of the archive and none of its content. Throws Error(Customer) when `path` is
/// no tar archive or a compressed one.
std::unique_ptr<ImageFiles> files_of_archive(const std::filesystem::path& path);

}  // namespace millrace::containers
