#include "platform/cli/image_list.h"

#include <unistd.h>

#include <algorithm>

#include "core/base/refuse.h"
#include "core/io/file.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;

std::string path_place(const LstEntry& entry, const fs::path& list) {
  return line_of(entry, list) + ", column " + std::to_string(path_column(entry));
}

void check_path(const LstEntry& entry, const fs::path& list, const fs::path& folder) {
  if (!leads_outside(entry.path)) return;
  refuse(path_place(entry, list), entry.path,
         "a path below " + folder.string() + ", without '..' and leading '/'",
         "Write paths relative to the folder.");
}

}  // namespace

std::string line_of(const LstEntry& entry, const fs::path& list) {
  return list.string() + ", line " + std::to_string(entry.line);
}

void require_image(const LstEntry& entry, const fs::path& list, const fs::path& folder) {
  std::error_code failed;
  const fs::path file = folder / entry.path;
  if (fs::is_regular_file(file, failed) && ::access(file.c_str(), R_OK) == 0) return;
  refuse(path_place(entry, list), entry.path, "a file in " + folder.string(),
         "Paths are relative to the folder; take lines of images that are "
         "missing or may not be read out.");
}

ImageList check_list(const fs::path& list, const fs::path& folder,
                     const std::function<void(const LstEntry&)>& also) {
  FdSource source(open_for_reading(list));
  LstReader reader(source, list.string());
  LstIndices indices;
  ImageList found;
  while (const LstEntry* entry = reader.next()) {
    check_path(*entry, list, folder);
    if (also) also(*entry);
    indices.add(*entry);
    ++found.lines;
    found.most_labels = std::max(found.most_labels, entry->labels.size());
  }
  indices.check_unique(list.string());
  if (found.lines > 0) return found;
  refuse(list.string(), "no lines", "at least one image", "Make the list again.");
}

}  // namespace millrace::cli
