#pragma once

#include "core/data/lst.h"
#include "core/json/json.h"

namespace millrace::cli {

/// {"index", "labels", "path"}, and "line" where the row was read from a file.
Json row_json(const LstRow& row);

}  // namespace millrace::cli
