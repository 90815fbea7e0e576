#include "platform/records/unreferenced_content.h"

namespace millrace::records {

void UnreferencedContentTable::add(std::string_view content) {
  connection_
      .prepare("INSERT INTO unreferenced_content (content) VALUES ($1) ON CONFLICT DO NOTHING")
      .bind(content)
      .run();
}

void UnreferencedContentTable::erase(std::string_view content) {
  connection_.prepare("DELETE FROM unreferenced_content WHERE content = $1").bind(content).run();
}

std::vector<std::string> UnreferencedContentTable::all() {
  auto rows = connection_.prepare("SELECT content FROM unreferenced_content");
  std::vector<std::string> found;
  while (rows.step()) found.push_back(rows.text(0));
  return found;
}

}  // namespace millrace::records
