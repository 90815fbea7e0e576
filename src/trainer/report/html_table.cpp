#include "trainer/report/html_table.h"

#include <cstdio>

#include "core/base/text.h"
#include "trainer/report/html.h"

namespace millrace::html {

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

Cell count_cell(std::int64_t count) {
  return {.text = std::to_string(count), .value = static_cast<double>(count)};
}

Cell share_cell(double share) {
  return {.text = percent(share), .value = share, .bar = share};
}

std::string table(const std::vector<Column>& columns, const std::vector<std::vector<Cell>>& rows) {
  std::string text = "<div class=\"scroll\"><table class=\"rows\"><thead><tr>";
  for (const Column& column : columns) {
    text += column.number ? "<th class=\"n\" scope=\"col\">" : "<th scope=\"col\">";
    text += "<button type=\"button\">" + escaped(column.name) + "</button></th>";
  }
  text += "</tr></thead><tbody>\n";
  for (const std::vector<Cell>& row : rows) {
    text += "<tr>";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].number) {
        text += "<td>" + escaped(row[i].text) + "</td>";
        continue;
      }
      text += "<td class=\"n\" data-v=\"" + number_text(row[i].value) + "\"";
      if (row[i].bar >= 0) text += " style=\"--s:" + number_text(row[i].bar) + "\"";
      text += ">" + escaped(row[i].text) + "</td>";
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

}  // namespace millrace::html
