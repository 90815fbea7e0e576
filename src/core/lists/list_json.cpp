#include "core/lists/list_json.h"

#include <string>

#include "core/base/text.h"

namespace millrace::lists {

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

Json counts_json(const DiffCounts& counts) {
  return {{"added", counts.added},           {"removed", counts.removed},
          {"relabelled", counts.relabelled}, {"moved", counts.moved},
          {"replaced", counts.replaced},     {"renumbered", counts.renumbered},
          {"reordered", counts.reordered},   {"unchanged", counts.unchanged}};
}

}  // namespace millrace::lists
