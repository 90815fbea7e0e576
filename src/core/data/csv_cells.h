#pragma once

#include <string_view>
#include <vector>

namespace millrace {

/// The cells of one line of CSV (RFC 4180), each as it stands there, quotes included, so that
/// joining them with commas gives the line again. A comma inside double quotes is part of its cell.
/// Throws Error(Customer) "<place>: ..." for a quoted cell without its end; cells that hold a line
/// feed cannot be read line by line.
std::vector<std::string_view> csv_cells(std::string_view line, std::string_view place);

}  // namespace millrace
