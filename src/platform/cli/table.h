#pragma once

#include <string>
#include <vector>

namespace millrace::cli {

/// Rows as left-aligned columns under a header line; every row has as many cells as the header.
std::string aligned(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);

/// "3.4 s", "2 min 05 s", "1 h 02 min".
std::string duration_text(double seconds);

}  // namespace millrace::cli
