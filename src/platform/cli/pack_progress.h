#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/fd.h"
#include "core/json/json_fwd.h"
#include "platform/cli/image_record_file.h"

namespace millrace::cli {

/// An image that was left out, and how far the packing was before it.
struct BrokenImage {
  std::uint64_t line = 0;  ///< how many lines that name an image come before it
  std::string reason;      ///< empty where no run names it
  std::uint64_t bytes = 0;
  std::int64_t records = 0;
};

/// How far a list is packed: what a later run needs to go on.
struct PackProgress {
  std::uint64_t lines = 0;  ///< that are packed or left out
  std::uint64_t bytes = 0;  ///< of the .rec
  std::int64_t records = 0;
  std::vector<BrokenImage> broken;

  /// To before the `nth` of the broken images, which is no longer one.
  void go_back(std::size_t nth);
};

Json to_json(const PackProgress& progress);
/// Throws Error for text that to_json() has not made.
PackProgress pack_progress_of(const std::string& text);

/// The records of an unfinished file and their index, if its first `progress.bytes` are what
/// `progress` says; else nothing, to begin anew.
ImageRecordFile::Begun begun_records(const std::filesystem::path& partial,
                                     const PackProgress& progress);

/// Opens "<target>.partial" for this process alone, keeping what is in it. Throws Error(Customer)
/// when another process is writing it.
Fd open_alone(const std::filesystem::path& partial);

}  // namespace millrace::cli
