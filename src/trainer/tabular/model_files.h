#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// One file of a model, or nullopt when it has none of this name: from `model.tar.gz` (or an
/// unpacked .tar) or the directory it was made of.
std::optional<std::string> find_model_file(const std::filesystem::path& model,
                                           std::string_view name);
/// The same; throws Error(Customer) naming `algorithm` when the model has no such file.
std::string read_model_file(const std::filesystem::path& model, std::string_view name,
                            std::string_view algorithm);

}  // namespace millrace
