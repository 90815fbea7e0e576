#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// One file of a model, or nullopt when it has none of this name: from `model.tar.gz` (or an
/// unpacked .tar) or the directory it was made of.
std::optional<std::string> find_model_file(const std::filesystem::path& model,
                                           std::string_view name);
/// The same; throws Error(Customer) naming `algorithm` when the model has no such file.
std::string read_model_file(const std::filesystem::path& model, std::string_view name,
                            std::string_view algorithm);
/// The same of several files, in the order of their names; an archive is unpacked once.
std::vector<std::string> read_model_files(const std::filesystem::path& model,
                                          std::span<const std::string_view> names,
                                          std::string_view algorithm);

}  // namespace millrace
