#include "trainer/vision/class_folders.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/content_types.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

bool is_image_file(const fs::path& path) {
  const FormatNames* const format = format_of_file(path.filename().string());
  return format != nullptr && format->format == DataFormat::Image;
}

/// At any depth, in byte order of their paths.
std::vector<fs::path> images_below(const fs::path& folder) {
  std::vector<fs::path> images;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && is_image_file(entry.path())) images.push_back(entry.path());
  }
  std::sort(images.begin(), images.end());
  return images;
}

std::vector<fs::path> folders_in(const fs::path& directory) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

ClassFolders::ClassFolders(const fs::path& directory, const std::vector<std::string>& names)
    : ImageFiles(directory), names_(names) {
  for (const fs::path& folder : folders_in(directory)) {
    const std::vector<fs::path> images = images_below(folder);
    if (images.empty()) continue;
    const std::string name = folder.filename().string();
    if (names.empty()) {
      add_folder(images, static_cast<std::int64_t>(names_.size()));
      names_.push_back(name);
      continue;
    }
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      const auto close = nearest(name, names);
      throw Error(Blame::Customer,
                  Problem{.where = directory.string(),
                          .given = name,
                          .expected = "a folder that bears the name of a class",
                          .fix = close ? "Did you mean '" + *close + "'?"
                                       : "Rename it, or add its name to the class names."});
    }
    add_folder(images, found - names.begin());
  }
  if (labels_.empty()) {
    throw Error(Blame::Customer,
                Problem{.where = directory.string(),
                        .given = "no folder with images",
                        .expected = "a folder of JPEG or PNG files for each class",
                        .fix = "Point at the folder that holds the classes' folders."});
  }
}

void ClassFolders::add_folder(const std::vector<fs::path>& files, std::int64_t label) {
  for (const fs::path& file : files) {
    add_file(file.lexically_relative(directory()).string(),
             static_cast<std::int64_t>(fs::file_size(file)));
    labels_.push_back(static_cast<float>(label));
  }
}

std::string ClassFolders::name(std::int64_t i) const {
  return (directory() / path(i)).string();
}

}  // namespace millrace
