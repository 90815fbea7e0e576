#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::console {

/// The fields of one line of CSV (RFC 4180), for people to look at: quotes around a field are taken
/// off, what is no CSV stays as it is.
std::vector<std::string> csv_cells(std::string_view line);

}  // namespace millrace::console
