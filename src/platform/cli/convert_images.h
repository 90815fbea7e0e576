#pragma once

#include <cstdint>
#include <filesystem>

namespace millrace::cli {

/// Packs the JPEG and PNG files of a folder into image RecordIO, bytes unchanged, ids from 0, with
/// a .idx beside it. Each sub-folder is a class: folders whose names are all whole numbers have
/// that label, others are numbered from 0 in the order of their names; files beside them have label
/// 0. Returns the records. Throws Error(Customer) naming a file that is no image, or a folder
/// without.
std::int64_t pack_images(const std::filesystem::path& folder, const std::filesystem::path& target);

/// Unpacks image RecordIO into <target>/<label>/<record>.jpg or .png, as pack_images() takes it.
/// Returns the records. Throws Error(Customer) for a record of several labels, of a label that is
/// no class and of bytes that are neither JPEG nor PNG, or when the folder exists.
std::int64_t unpack_images(const std::filesystem::path& file, const std::filesystem::path& target);

}  // namespace millrace::cli
