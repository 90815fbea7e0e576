#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/lst.h"
#include "core/lists/class_folders.h"
#include "core/lists/row_store.h"

namespace millrace::cli {

/// Which images become rows, and what gives them their labels; the members are options of `millrace
/// lst create`.
struct FolderRowsOptions {
  std::string source;  ///< a folder, or s3://bucket/prefix
  std::string label;   ///< one for every image; empty: by folder
  lists::ClassFolder class_folder = lists::ClassFolder::First;
  std::string classes;            ///< file of labels and names to follow
  std::vector<std::string> only;  ///< class folders; none: all
};

/// Rows of the images below a folder, in the order of their paths; they are views of this object.
class FolderRows {
 public:
  /// Throws Error(Customer) where there are no images, where one lies in no class folder though
  /// those give the labels, and for a folder of `only` without images or not in `classes`.
  FolderRows(FolderRowsOptions options, const std::filesystem::path& data_dir);
  FolderRows(const FolderRows&) = delete;
  FolderRows& operator=(const FolderRows&) = delete;

  [[nodiscard]] const std::vector<LstRow>& rows() const { return rows_; }
  /// The labels of the class folders; empty where all images have one label.
  [[nodiscard]] const lists::ClassNames& names() const { return names_; }

 private:
  void with_label();
  void by_folder();
  [[nodiscard]] std::vector<std::string> wanted_folders() const;
  [[nodiscard]] std::string folder_of(const std::string& path) const;
  void add(std::string_view path, std::span<const float> labels);

  const FolderRowsOptions options_;
  std::vector<std::string> paths_;
  lists::RowStore store_;
  lists::ClassNames names_;
  std::vector<LstRow> rows_;
};

}  // namespace millrace::cli
