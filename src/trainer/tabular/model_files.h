#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace millrace {

/// One file of a model: from `model.tar.gz` (or an unpacked .tar) or the directory it was made of.
/// Throws Error(Customer) naming `algorithm` when the model has no such file.
std::string read_model_file(const std::filesystem::path& model, std::string_view name,
                            std::string_view algorithm);

}  // namespace millrace
