#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trainer/vision/image_set.h"

namespace millrace {

/// Images that are files below one directory, each read where it lies, when it is asked for.
class ImageFiles : public ImageSet {
 public:
  [[nodiscard]] std::int64_t count() const final { return std::ssize(paths_); }
  [[nodiscard]] std::int64_t bytes() const final { return bytes_; }
  [[nodiscard]] std::string_view image(std::int64_t i, std::string& scratch) const final;
  /// The path below the directory, as it was given.
  [[nodiscard]] std::string reference(std::int64_t i) const final { return path(i); }

 protected:
  explicit ImageFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// One more, of so many bytes.
  void add_file(std::string path, std::int64_t bytes);

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] const std::string& path(std::int64_t i) const {
    return paths_[static_cast<std::size_t>(i)];
  }

 private:
  std::filesystem::path directory_;
  std::vector<std::string> paths_;
  std::int64_t bytes_ = 0;
};

}  // namespace millrace
