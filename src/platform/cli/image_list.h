#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/data/lst.h"

namespace millrace::cli {

/// "train.lst, line 12".
std::string line_of(const LstEntry& entry, const std::filesystem::path& list);

/// Throws Error(Customer) naming line and column when there is no such file below `folder`, or it
/// may not be read.
void require_image(const LstEntry& entry, const std::filesystem::path& list,
                   const std::filesystem::path& folder);

struct ImageList {
  std::uint64_t lines = 0;      ///< that name an image
  std::size_t most_labels = 0;  ///< on one line
};

/// Reads a whole list and hands each line to `also`. Throws Error(Customer) naming line and column
/// for a path that leads out of `folder`, for an index that comes twice and for a list of no lines.
ImageList check_list(const std::filesystem::path& list, const std::filesystem::path& folder,
                     const std::function<void(const LstEntry&)>& also = {});

}  // namespace millrace::cli
