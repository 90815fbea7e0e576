#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/ndarray_list.h"
#include "core/json/json.h"

namespace millrace {

/// What a run leaves to go on from when it is started again, as one file: a ZIP archive of
/// state.json and an NDArray list for each name, <name>.params.
struct CheckpointFile {
  Json state;  ///< an object
  std::map<std::string, std::vector<NamedArray>> lists;
};

/// Writes <directory>/<algorithm>.checkpoint, replacing the file as a whole. Where the directory
/// does not exist, the job has no checkpoints and nothing is written.
void write_checkpoint_file(const std::filesystem::path& directory, std::string_view algorithm,
                           const CheckpointFile& checkpoint);

/// nullopt when there is none. Throws Error(Customer) naming the file, and what of it is damaged.
std::optional<CheckpointFile> read_checkpoint_file(const std::filesystem::path& directory,
                                                   std::string_view algorithm);

}  // namespace millrace
