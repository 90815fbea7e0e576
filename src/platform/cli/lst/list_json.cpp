#include "platform/cli/lst/list_json.h"

#include <charconv>
#include <string>

#include "core/base/text.h"

namespace millrace::cli {

Json row_json(const LstRow& row) {
  Json labels = Json::array();
  for (const float label : row.labels) {
    // The shortest text of the float, read as a double: 0.1 shows as 0.1, not 0.10000000149.
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, label).ptr;
    labels.push_back(*parse_double({digits, static_cast<std::size_t>(end - digits)}));
  }
  Json json = {
      {"index", row.index}, {"labels", std::move(labels)}, {"path", std::string(row.path)}};
  if (row.line > 0) json["line"] = row.line;
  return json;
}

}  // namespace millrace::cli
