#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace millrace::html {

/// A confusion matrix, or another square table of counts, whose cells are shaded by their share of
/// the row: the diagonal in the colour of what is right, the rest in that of what is wrong, and
/// three times as strongly, since mistakes are what it is read for.
struct HeatMap {
  std::vector<std::string> names;  ///< of rows and columns; plain text
  std::function<std::int64_t(std::size_t row, std::size_t column)> count;
  std::function<std::int64_t(std::size_t row)> row_total;  ///< what shares are of
};
std::string heat_map(const HeatMap& map);

}  // namespace millrace::html
