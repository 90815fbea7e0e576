#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/data/lst.h"
#include "core/lists/form.h"

namespace millrace::lists {

/// Whether labels may stand in a list of this form, whose rows have `width` of them. Throws
/// Error(Customer) "<origin>: ..." with the list's form and the labels when they may not.
void check_labels_fit(std::span<const float> labels, Form form, std::size_t width,
                      std::string_view origin);

/// The index after the highest of the list.
std::uint64_t next_index(std::span<const LstRow> rows);

/// Indices 0, 1, ... from `first` on, in the rows' order.
void renumber(std::vector<LstRow>& rows, std::uint64_t first);

enum class SortKey { Index, Path, Label, Random };
/// Stable; labels are compared column by column, paths byte by byte. `seed` is of Random.
void sort_rows(std::vector<LstRow>& rows, SortKey key, bool descending, std::uint64_t seed);

}  // namespace millrace::lists
