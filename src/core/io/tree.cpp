#include "core/io/tree.h"

#include <sys/stat.h>

#include <system_error>

namespace millrace {
namespace {

/// An owner without root's rights cannot remove what lies in a directory he may not enter.
void make_directories_removable(const std::filesystem::path& path) noexcept {
  std::error_code failure;
  if (!std::filesystem::is_directory(std::filesystem::symlink_status(path, failure))) return;
  ::chmod(path.c_str(), 0700);
  for (std::filesystem::directory_iterator entry(path, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    make_directories_removable(entry->path());
  }
}

}  // namespace

bool remove_tree(const std::filesystem::path& path) noexcept {
  std::error_code failure;
  std::filesystem::remove_all(path, failure);
  if (!failure) return true;
  make_directories_removable(path);
  std::filesystem::remove_all(path, failure);
  return !failure;
}

}  // namespace millrace
