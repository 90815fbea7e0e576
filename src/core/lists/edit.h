#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/data/lst.h"
#include "core/lists/form.h"
#include "core/lists/row_store.h"

namespace millrace::lists {

/// Whether labels may stand in a list of this form, whose rows have `width` of them. Throws
/// Error(Customer) "<place> (<form>): ..." when they may not.
void check_labels_fit(std::span<const float> labels, Form form, std::size_t width,
                      std::string_view place);

/// How many labels the first row has, which the others have too unless the list is uneven; 0 for
/// no rows.
std::size_t label_columns(std::span<const LstRow> rows);

/// The index after the highest of the list.
std::uint64_t next_index(std::span<const LstRow> rows);

/// Indices 0, 1, ... from `first` on, in the rows' order.
void renumber(std::vector<LstRow>& rows, std::uint64_t first);

/// Which rows get another picture.
struct PathChange {
  std::string_view from;
  std::string_view to;
  bool prefix = false;  ///< `from` and `to` are beginnings of paths
};
/// The places of the rows that get another picture, whose paths are kept in `store`. Throws
/// Error(Customer) when there is none, and when the new picture is another row's already.
std::vector<std::size_t> replace_paths(std::vector<LstRow>& rows, const PathChange& change,
                                       std::string_view origin, RowStore& store);

enum class SortKey { Index, Path, Label, Random };
/// Stable; labels are compared column by column, paths byte by byte. `seed` is of Random.
void sort_rows(std::vector<LstRow>& rows, SortKey key, bool descending, std::uint64_t seed);

}  // namespace millrace::lists
