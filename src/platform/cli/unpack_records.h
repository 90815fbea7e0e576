#pragma once

#include <cstdint>
#include <filesystem>

namespace millrace::cli {

struct RecordUnpacking {
  enum class Names {
    Record,  ///< the place in the file, from 0
    Id,
  };

  std::filesystem::path file;
  std::filesystem::path target;  ///< a folder that does not exist yet
  std::filesystem::path list;    ///< to write
  Names names = Names::Record;
  bool by_class = false;  ///< a folder for each label
  int threads = 1;        ///< that write files
  /// What is unpacked when the process ends stays beside the target as "<target>.partial", and the
  /// same unpacking goes on from there. Else nothing stays.
  bool resumable = false;
};

struct Unpacked {
  std::int64_t records = 0;
  bool ids_repeat = false;  ///< two lines have the same index: such a list is not packed again
  bool second_ids = false;  ///< which a list has no column for, and are left out
};

/// Unpacks image RecordIO into files "00000012.jpg" or .png, perhaps in a folder of their class,
/// and a list of them: ids, all labels, paths relative to the folder. Names are made of numbers
/// alone, so none leads out of it. Throws Error(Customer) for bytes that are neither JPEG nor PNG,
/// for a label that is not finite or no class where folders stand for classes, for an id that comes
/// twice where files are named by it, and when the folder exists.
Unpacked unpack_records(const RecordUnpacking& unpacking);

/// The records of the file, all of them read.
std::int64_t count_records(const RecordUnpacking& unpacking);

/// On standard error: what the list cannot hold.
void say_what_is_lost(const Unpacked& unpacked);

}  // namespace millrace::cli
