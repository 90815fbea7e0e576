#include "core/lists/class_names.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "core/lists/class_folders.h"
#include "core/lists/form.h"

namespace millrace::lists {
namespace {

/// The share of a class that has to lie in a folder for the folder to name it.
constexpr double kMajority = 0.6;

/// "cat" of "train/cat/1.jpg"; empty for a file that lies in no folder.
std::string_view folder_name(std::string_view path) {
  const std::string_view folder = class_folder(path, ClassFolder::Last);
  return folder.substr(folder.rfind('/') + 1);  // npos + 1 is 0
}

struct Folders {
  std::int64_t rows = 0;  ///< of the class
  std::unordered_map<std::string_view, std::int64_t> of;
};

}  // namespace

std::map<std::int64_t, std::string_view> class_names(std::span<const LstRow> rows) {
  std::unordered_map<std::int64_t, Folders> classes;
  for (const LstRow& row : rows) {
    if (row.labels.size() != 1) continue;
    const auto id = class_id(row.labels[0]);
    if (!id) continue;
    Folders& folders = classes[*id];
    ++folders.rows;
    ++folders.of[folder_name(row.path)];
  }
  std::map<std::int64_t, std::string_view> names;
  std::unordered_map<std::string_view, int> owners;
  for (const auto& [id, folders] : classes) {
    const auto most =
        std::max_element(folders.of.begin(), folders.of.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most->first.empty() || most->first == std::to_string(id) ||
        static_cast<double>(most->second) < kMajority * static_cast<double>(folders.rows)) {
      continue;
    }
    names.emplace(id, most->first);
    ++owners[most->first];
  }
  std::erase_if(names, [&](const auto& name) { return owners.at(name.second) > 1; });
  return names;
}

}  // namespace millrace::lists
