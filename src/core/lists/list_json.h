#pragma once

#include "core/data/lst.h"
#include "core/json/json.h"
#include "core/lists/diff.h"

namespace millrace::lists {

/// The number with the digits that a list has: 0.1 shows as 0.1, not as 0.10000000149.
Json label_json(float label);
/// {"index", "labels", "path"}, and "line" where the row was read from a file.
Json row_json(const LstRow& row);

/// {"added", "removed", "relabelled", "moved", "replaced", "renumbered", "reordered", "unchanged"}.
Json counts_json(const DiffCounts& counts);

}  // namespace millrace::lists
