#include "core/data/csv_cells.h"

#include <string>

#include "core/base/error.h"

namespace millrace {

std::vector<std::string_view> csv_cells(std::string_view line, std::string_view place) {
  std::vector<std::string_view> cells;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    // A doubled quote inside a quoted cell closes and opens it again, which is the same here.
    if (line[at] == '"') quoted = !quoted;
    if (line[at] != ',' || quoted) continue;
    cells.push_back(line.substr(begin, at - begin));
    begin = at + 1;
  }
  if (quoted) {
    throw Error(Blame::Customer,
                std::string(place) + ", column " + std::to_string(cells.size() + 1) +
                    ": a double quote is not closed on its line. Close it; a cell cannot hold a "
                    "line feed here.");
  }
  cells.push_back(line.substr(begin));
  return cells;
}

}  // namespace millrace
