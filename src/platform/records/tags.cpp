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

std::vector<TaggedRow> TagTable::search(std::string_view account, std::string_view kind,
                                        std::string_view lower, std::int64_t limit) {
  // All columns stand in the index, which is smaller than the table.
  constexpr std::string_view kFrom =
      "SELECT resource, tag_key, tag_value FROM tags INDEXED BY tags_by_value WHERE account = $1 "
      "AND instr(resource, $2) > 0 AND ";
  const std::size_t mark = lower.find('=');
  const bool pair = mark != std::string_view::npos;
  auto rows = connection_.prepare(
      std::string(kFrom) +
      (pair ? "lower(tag_key) = $3 AND instr(lower(tag_value), $4) = 1 LIMIT $5"
            : "(instr(lower(tag_key), $3) > 0 OR instr(lower(tag_value), $3) > 0) LIMIT $4"));
  const std::string noun = ":" + std::string(kind) + "/";
  if (pair) {
    rows.bind(account, noun, lower.substr(0, mark), lower.substr(mark + 1), limit);
  } else {
    rows.bind(account, noun, lower, limit);
  }
  std::vector<TaggedRow> found;
  while (rows.step())
    found.push_back(
        {.resource = rows.text(0), .tag = {.key = rows.text(1), .value = rows.text(2)}});
  return found;
}

}  // namespace millrace::records
