#include "platform/cli/lst/list_json.h"

#include <string>

#include "core/base/text.h"

namespace millrace::cli {

Json label_json(float label) {
  return *parse_double(label_text(label));
}

Json row_json(const LstRow& row) {
  Json labels = Json::array();
  for (const float label : row.labels) labels.push_back(label_json(label));
  Json json = {
      {"index", row.index}, {"labels", std::move(labels)}, {"path", std::string(row.path)}};
  if (row.line > 0) json["line"] = row.line;
  return json;
}

}  // namespace millrace::cli
