#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "platform/cli/image_form.h"

namespace millrace::cli {

struct ListPacking {
  std::filesystem::path list;
  std::filesystem::path folder;  ///< the list's paths are relative to it
  std::filesystem::path target;
  ImageForm form;
  bool all_labels = true;  ///< else the first one only
  int threads = 1;
  /// An image that is broken or missing is left out and named; when all lines are done, more than
  /// this share of them is an error. nullopt: the first one is.
  std::optional<double> max_broken;
  /// What is packed when the process ends stays beside the target as "<target>.partial", and the
  /// same packing goes on from there. Else nothing stays.
  bool resumable = false;
};

struct Packed {
  std::int64_t records = 0;
  std::int64_t broken = 0;
  std::size_t most_labels = 0;  ///< on one line of the list
};

/// Packs the images that an im2rec list names into image RecordIO with a .idx beside it: in the
/// list's order, each record's id and labels those of its line. The bytes depend on list, images
/// and form alone, not on threads or interruptions. Notes go to standard error. Throws
/// Error(Customer) naming list, line and image; before anything is written for a path out of the
/// folder and an index that comes twice.
Packed pack_list(const ListPacking& packing);

/// What pack_list() would do, as lines for people; writes nothing. Looks for every image, but not
/// into it.
std::string describe(const ListPacking& packing);

}  // namespace millrace::cli
