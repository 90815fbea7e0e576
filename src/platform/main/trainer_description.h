#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace millrace {

/// The trainer that stands beside this program, else the first one on PATH; nullopt when there is none.
std::optional<std::filesystem::path> find_trainer();

/// What `<trainer> describe` prints: every built-in algorithm as JSON. Loading libtorch for it takes most of a second,
/// so the text is kept in `cache` until the trainer's size or time of change differ. Throws Error(Platform) with the
/// program's own words when it fails.
std::string trainer_description(const std::filesystem::path& trainer, const std::filesystem::path& cache);

}  // namespace millrace
