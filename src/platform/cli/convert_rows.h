#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/data/content_types.h"
#include "core/data/row_stream.h"

namespace millrace::cli {

struct Converted {
  std::int64_t rows = 0;
  /// What the target could not hold, one sentence each, for the user.
  std::vector<std::string> notes;
};

/// Copies the rows of a table into another format, or out of or into gzip where a name ends in .gz.
/// The target appears when it is whole. `rows` are the options of the source.
/// Throws Error(Customer) naming file, record and byte of damage, and for what the target format
/// cannot hold at all.
Converted convert_rows(const std::filesystem::path& file, const ContentType& from,
                       const RowOptions& rows, const std::filesystem::path& target,
                       const ContentType& to);

}  // namespace millrace::cli
