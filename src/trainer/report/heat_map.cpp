#include "trainer/report/heat_map.h"

#include <algorithm>
#include <cstdio>

#include "trainer/report/html.h"

namespace millrace::html {
namespace {

constexpr double kMistakesStronger = 3;
/// From this shade on, white is read better than ink.
constexpr double kDark = 0.55;

std::string two_digits(double value) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::string cell(const HeatMap& map, std::size_t row, std::size_t column) {
  const std::int64_t count = map.count(row, column), total = map.row_total(row);
  const std::string kind = row == column ? "hit" : "miss";
  if (count == 0 || total == 0) return "<td class=\"" + kind + "\"></td>";
  double share = static_cast<double>(count) / static_cast<double>(total);
  if (row != column) share = std::min(1.0, kMistakesStronger * share);
  return "<td class=\"" + kind + (share >= kDark ? " on" : "") +
         "\" style=\"--s:" + two_digits(share) + "\" title=\"" + escaped(map.names[row]) +
         " taken for " + escaped(map.names[column]) + "\">" + std::to_string(count) + "</td>";
}

}  // namespace

std::string heat_map(const HeatMap& map) {
  std::string text =
      "<div class=\"scroll narrow\"><table class=\"heat\"><thead><tr><th "
      "aria-label=\"label\"></th>";
  for (const std::string& name : map.names)
    text +=
        "<th scope=\"col\"><span title=\"" + escaped(name) + "\">" + escaped(name) + "</span></th>";
  text += "</tr></thead><tbody>\n";
  for (std::size_t row = 0; row < map.names.size(); ++row) {
    const std::string name = escaped(map.names[row]);
    text.append("<tr><th scope=\"row\" title=\"").append(name).append("\">").append(name);
    text += "</th>";
    for (std::size_t column = 0; column < map.names.size(); ++column)
      text += cell(map, row, column);
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

}  // namespace millrace::html
