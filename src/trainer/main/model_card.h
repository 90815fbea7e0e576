#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace millrace {

/// Notes in a model's directory which algorithm made it: algorithm.json, {"algorithm": "<name>"}.
/// Where there is no model, as on all hosts but the first, nothing is written.
void write_model_card(const std::filesystem::path& directory, const std::string& algorithm);

/// The algorithm noted in model.tar.gz or the directory it was made of; nullopt where there is no
/// note, as in models that were trained elsewhere.
std::optional<std::string> read_model_card(const std::filesystem::path& model);

}  // namespace millrace
