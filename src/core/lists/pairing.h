#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/data/lst.h"

namespace millrace::lists {

inline constexpr std::uint32_t kNoRow = 0xFFFFFFFF;

/// Which row of a list is which row of a later one.
struct Pairing {
  std::vector<std::uint32_t> after_of;   ///< for each row before: its place after, or kNoRow
  std::vector<std::uint32_t> before_of;  ///< for each row after: its place before, or kNoRow
};

/// Pairs rows by their pictures: first those with the same path (the first with the first, the
/// second with the second, where a path comes several times); then, of those left over, rows whose
/// file has moved to another folder: the same file name with the same index, or the same file name
/// where each list has it once; at last rows with the same index, whose picture was exchanged.
///
/// Takes time linear in the rows, and 8 bytes for each besides the result. Lists hold fewer than
/// 2^32 - 1 rows.
Pairing pair_rows(std::span<const LstRow> before, std::span<const LstRow> after);

/// What stands behind the last '/' of a row's path.
std::string_view file_name(const LstRow& row);

}  // namespace millrace::lists
