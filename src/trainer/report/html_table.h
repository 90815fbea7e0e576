#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace millrace::html {

/// One cell of a table.
struct Cell {
  std::string text;  ///< plain; escaped here
  double value = 0;  ///< of a number: what it is sorted by
  double bar = -1;   ///< a bar below the number, 0 to 1; none below 0
};

/// A share, 0 to 1, as "93.1 %".
std::string percent(double share);

/// The cells of a number and of a share, which has a bar.
Cell count_cell(std::int64_t count);
Cell share_cell(double share);

/// A column of text, or of numbers at its right edge.
struct Column {
  std::string name;
  bool number = false;
};

/// A table that is sorted by a press on a column's name (report_page.h). Every row has as many
/// cells as there are columns.
std::string table(const std::vector<Column>& columns, const std::vector<std::vector<Cell>>& rows);

}  // namespace millrace::html
