#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_set>

namespace millrace::cli {

/// Sees to it that pictures are there before rows name them.
class PictureCheck {
 public:
  /// `images` is a folder or an S3 prefix; empty: nothing is looked at.
  PictureCheck(const std::string& images, const std::filesystem::path& data_dir);
  /// Throws Error(Customer) "<place>: ..." unless the picture is there.
  void require(std::string_view path, const std::string& place) const;

 private:
  std::string images_;
  std::unordered_set<std::string> there_;
};

}  // namespace millrace::cli
