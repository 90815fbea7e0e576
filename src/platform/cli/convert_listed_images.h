#pragma once

#include <cstdint>
#include <filesystem>

namespace millrace::cli {

/// Packs the images that an im2rec list names, bytes unchanged, all labels, into image RecordIO
/// with a .idx beside it. Returns the records. Throws Error(Customer) as pack_list() does for the
/// first image that is missing or damaged; nothing is left behind then.
std::int64_t pack_listed_images(const std::filesystem::path& list,
                                const std::filesystem::path& folder,
                                const std::filesystem::path& target);

/// Unpacks image RecordIO into <target>/<record>.jpg or .png and a list of them, as
/// unpack_records() does, and says what the list cannot hold. Returns the records.
std::int64_t unpack_listed_images(const std::filesystem::path& file,
                                  const std::filesystem::path& target,
                                  const std::filesystem::path& list);

}  // namespace millrace::cli
