#pragma once

#include <string>
#include <string_view>

namespace millrace::console {

/// Where a file of a user's lies: an object, "s3://bucket/key", or a file of a registered file
/// system, "fs-0123456789abcdef0:/path".
struct Place {
  enum class Kind { S3, FileSystem };
  Kind kind{};
  std::string container;  ///< bucket, or id of the file system
  std::string path;       ///< key, or path below the file system's root; no slash in front

  /// Throws Error(Customer), naming `where`, for text of another form.
  static Place parse(std::string_view text, std::string_view where);
  [[nodiscard]] std::string text() const;
  /// What lies below this folder; `relative` may begin with slashes.
  [[nodiscard]] Place below(std::string_view relative) const;
};

}  // namespace millrace::console
