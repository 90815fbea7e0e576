#pragma once

#include <cstdint>
#include <filesystem>

namespace millrace::cli {

/// Packs the images that an im2rec list names, paths relative to `folder`, into image RecordIO with
/// a .idx beside it: bytes unchanged, each record's id and labels those of its line, in the list's
/// order. Returns the records. Throws Error(Customer) naming list, line and image: before anything
/// is written for a file that is not there, a path out of the folder and an index that comes twice.
std::int64_t pack_listed_images(const std::filesystem::path& list,
                                const std::filesystem::path& folder,
                                const std::filesystem::path& target);

struct Unpacked {
  std::int64_t records = 0;
  bool ids_repeat = false;  ///< two lines have the same index: such a list is not packed again
  bool second_ids = false;  ///< which a list has no column for, and are left out
};

/// Unpacks image RecordIO into <target>/<record>.jpg or .png and a list of them: ids, all labels,
/// paths relative to `target`. Throws Error(Customer) for bytes that are neither JPEG nor PNG, for
/// a label that is not finite, and when the folder exists.
Unpacked unpack_listed_images(const std::filesystem::path& file,
                              const std::filesystem::path& target,
                              const std::filesystem::path& list);

}  // namespace millrace::cli
