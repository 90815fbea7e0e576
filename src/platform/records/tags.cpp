#include "platform/records/tags.h"

#include "core/base/text.h"

namespace millrace::records {

void TagTable::put(std::string_view account, std::string_view arn, const TagRow& tag) {
  connection_
      .prepare(
          "INSERT INTO tags (account, resource, tag_key, tag_value) VALUES ($1, $2, $3, $4) "
          "ON CONFLICT (account, resource, tag_key) DO UPDATE SET tag_value = excluded.tag_value")
      .bind(account, to_lower(arn), tag.key, tag.value)
      .run();
}

void TagTable::erase(std::string_view account, std::string_view arn, std::string_view key) {
  connection_.prepare("DELETE FROM tags WHERE account = $1 AND resource = $2 AND tag_key = $3")
      .bind(account, to_lower(arn), key)
      .run();
}

void TagTable::erase_all(std::string_view account, std::string_view arn) {
  connection_.prepare("DELETE FROM tags WHERE account = $1 AND resource = $2")
      .bind(account, to_lower(arn))
      .run();
}

std::int64_t TagTable::count(std::string_view account, std::string_view arn) {
  auto rows = connection_.prepare("SELECT COUNT(*) FROM tags WHERE account = $1 AND resource = $2");
  rows.bind(account, to_lower(arn)).step();
  return rows.integer(0);
}

std::vector<TagRow> TagTable::list(std::string_view account, std::string_view arn,
                                   std::string_view after, std::int64_t limit) {
  auto rows = connection_.prepare(
      "SELECT tag_key, tag_value FROM tags WHERE account = $1 AND resource = $2 AND tag_key > $3 "
      "ORDER BY tag_key LIMIT $4");
  rows.bind(account, to_lower(arn), after, limit);
  std::vector<TagRow> found;
  while (rows.step()) found.push_back({.key = rows.text(0), .value = rows.text(1)});
  return found;
}

}  // namespace millrace::records
