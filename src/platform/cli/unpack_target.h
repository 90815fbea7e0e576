#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace millrace::cli {

// The files that records are unpacked into.

/// "00000012.jpg" or .png: what the image of a record is called when it is unpacked, by a number
/// that tells it from others. Throws Error(Customer) "<place>: ..." for bytes that are neither.
std::string file_name_of(std::uint64_t number, std::string_view image, const std::string& place);

/// Throws Error(Customer) when the name is taken.
void require_new_folder(const std::filesystem::path& target);

}  // namespace millrace::cli
