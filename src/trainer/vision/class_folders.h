#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "trainer/vision/image_files.h"

namespace millrace {

/// JPEG and PNG files in one folder for each class, as im2rec --recursive takes them: below
/// `directory`, every folder that holds an image, in byte order of names, is the next class. Other
/// files are passed over.
class ClassFolders final : public ImageFiles {
 public:
  /// With `names`, a folder is the class that bears its name, and classes without a folder have no
  /// images. Throws Error(Customer) where no folder holds an image, and naming the folder that
  /// bears no class's name.
  ClassFolders(const std::filesystem::path& directory, const std::vector<std::string>& names);

  /// Of the folders, in the order of classes; `names` where they were given.
  [[nodiscard]] const std::vector<std::string>& class_names() const { return names_; }

  [[nodiscard]] std::span<const float> labels(std::int64_t i) const override {
    return {&labels_[static_cast<std::size_t>(i)], 1};
  }
  /// The path.
  [[nodiscard]] std::string name(std::int64_t i) const override;

 private:
  void add_folder(const std::vector<std::filesystem::path>& files, std::int64_t label);

  std::vector<std::string> names_;
  std::vector<float> labels_;  ///< by image
};

}  // namespace millrace
