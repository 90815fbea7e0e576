#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "trainer/vision/image_set.h"

namespace millrace {

/// JPEG and PNG files in one folder for each class, as im2rec --recursive takes them: below
/// `directory`, every folder that holds an image, in byte order of names, is the next class. Other
/// files are passed over. Files are read where they lie, when they are asked for.
class ClassFolders final : public ImageSet {
 public:
  /// With `names`, a folder is the class that bears its name, and classes without a folder have no
  /// images. Throws Error(Customer) where no folder holds an image, and naming the folder that
  /// bears no class's name.
  ClassFolders(const std::filesystem::path& directory, const std::vector<std::string>& names);

  /// Of the folders, in the order of classes; `names` where they were given.
  [[nodiscard]] const std::vector<std::string>& class_names() const { return names_; }

  [[nodiscard]] std::int64_t count() const override {
    return static_cast<std::int64_t>(entries_.size());
  }
  [[nodiscard]] std::int64_t bytes() const override { return bytes_; }
  [[nodiscard]] std::span<const float> labels(std::int64_t i) const override {
    return {&at(i).label, 1};
  }
  [[nodiscard]] std::string_view image(std::int64_t i, std::string& scratch) const override;
  /// The path.
  [[nodiscard]] std::string name(std::int64_t i) const override;
  /// The path below the directory.
  [[nodiscard]] std::string reference(std::int64_t i) const override { return at(i).path; }

 private:
  struct Entry {
    std::string path;
    float label = 0;
  };
  [[nodiscard]] const Entry& at(std::int64_t i) const {
    return entries_[static_cast<std::size_t>(i)];
  }
  void add_folder(const std::vector<std::filesystem::path>& files, std::int64_t label);

  std::filesystem::path directory_;
  std::vector<std::string> names_;
  std::vector<Entry> entries_;
  std::int64_t bytes_ = 0;
};

}  // namespace millrace
