#include "platform/cli/lst/folder_rows.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "core/base/refuse.h"
#include "platform/cli/lst/image_root.h"
#include "platform/cli/lst/list_file.h"

namespace millrace::cli {

FolderRows::FolderRows(FolderRowsOptions options, const std::filesystem::path& data_dir)
    : options_(std::move(options)) {
  paths_ = open_image_root(options_.source, data_dir)->images();
  if (paths_.empty()) {
    refuse(options_.source, "no .jpg, .jpeg or .png file", "images, or folders of images",
           "Give the folder that holds one folder a class.");
  }
  if (options_.label.empty())
    by_folder();
  else
    with_label();
}

void FolderRows::with_label() {
  const auto labels = store_.keep(parse_labels(options_.label, "--label"));
  for (const std::string& path : paths_) add(path, labels);
}

void FolderRows::by_folder() {
  const std::vector<std::string> folders = wanted_folders();
  names_ = options_.classes.empty()
               ? lists::number_classes(folders)
               : lists::parse_class_names(read_text(options_.classes), options_.classes);
  std::map<std::int64_t, std::span<const float>> labels;
  for (const auto& [name, label] : names_)
    labels[label] = store_.keep(std::vector<float>{static_cast<float>(label)});
  const std::set<std::string> wanted(folders.begin(), folders.end());
  for (const std::string& path : paths_) {
    const std::string folder = folder_of(path);
    if (wanted.count(folder) == 0) continue;
    const auto name = names_.find(folder);
    if (name == names_.end()) {
      refuse(options_.classes, "no class '" + folder + "'",
             "a label for each class folder of " + options_.source,
             "Add it, or choose folders with --only.");
    }
    add(path, labels.at(name->second));
  }
}

std::vector<std::string> FolderRows::wanted_folders() const {
  const bool flat = std::none_of(paths_.begin(), paths_.end(), [](const std::string& path) {
    return path.find('/') != std::string::npos;
  });
  if (flat) {
    refuse(options_.source, "no folders, only images", "a folder for each class",
           "Give all images one label: --label 0.");
  }
  const std::set<std::string> only(options_.only.begin(), options_.only.end());
  std::set<std::string> found;
  for (const std::string& path : paths_) {
    const std::string folder = folder_of(path);
    if (folder.empty()) {
      refuse(options_.source, path, "images in class folders only",
             "Move it into one, or give all images one label with --label.");
    }
    if (only.empty() || only.count(folder) > 0) found.insert(folder);
  }
  for (const std::string& wanted : only) {
    if (found.count(wanted) == 0)
      refuse("--only", wanted, "a class folder with images in " + options_.source);
  }
  return {found.begin(), found.end()};
}

std::string FolderRows::folder_of(const std::string& path) const {
  return std::string(lists::class_folder(path, options_.class_folder));
}

void FolderRows::add(std::string_view path, std::span<const float> labels) {
  rows_.push_back({.index = rows_.size(), .labels = labels, .path = path});
}

}  // namespace millrace::cli
