#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json/json.h"

namespace millrace {

/// What a run leaves after each epoch where the job has a checkpoint directory, and goes on from
/// when it is started again. Every host has the same.
struct Checkpoint {
  Json state;  ///< numbers, by name
  std::map<std::string, std::vector<float>> arrays;
};

/// Writes <directory>/<algorithm>.checkpoint, replacing the file as a whole. Where the directory
/// does not exist, the job has no checkpoints and nothing is written.
void write_checkpoint(const std::filesystem::path& directory, const std::string& algorithm,
                      const Checkpoint& checkpoint);

/// nullopt when there is none. Throws Error(Customer) when it is damaged.
std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& directory,
                                          const std::string& algorithm);

}  // namespace millrace
