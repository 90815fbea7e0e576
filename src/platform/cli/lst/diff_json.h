#pragma once

#include <string>
#include <string_view>

#include "core/lists/diff.h"

namespace millrace::cli {

/// {"from", "to", "same", "counts": {...}, "relabelled_classes": [{"from", "to", "rows"}], "added":
/// [row], "removed": [row], "relabelled": [{"before": row, "after": row}], "moved", "replaced",
/// "renumbered"}; a row that changed in several ways stands in each of their arrays.
std::string diff_json(std::string_view before_name, std::string_view after_name,
                      const lists::Diff& diff);

}  // namespace millrace::cli
