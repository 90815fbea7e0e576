#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace millrace::cli {

/// The folder that paths of a list are relative to: a directory or a prefix of a bucket.
class ImageRoot {
 public:
  virtual ~ImageRoot() = default;

  /// The JPEG and PNG files below it, by their names' endings, sorted by the bytes of their paths.
  /// Names that begin with '.' are passed over, and so are folders that contain themselves.
  virtual std::vector<std::string> images() = 0;
  /// A file's bytes; nullopt when there is none, or when the path leads out of the folder.
  virtual std::optional<std::string> read(const std::string& path) = 0;
};

/// `where` is a directory or s3://bucket/prefix of the daemon that `data_dir` or the environment
/// names. Throws Error(Customer) when there is no such directory.
std::unique_ptr<ImageRoot> open_image_root(const std::string& where,
                                           const std::filesystem::path& data_dir);

}  // namespace millrace::cli
