#include "platform/records/objects.h"

#include <utility>

namespace millrace::records {

std::optional<ObjectRow> ObjectTable::find(std::string_view bucket, std::string_view key) {
  auto rows = connection_.prepare(
      "SELECT size, modified_at, etag, checksum, content, document, parts FROM objects "
      "WHERE bucket = $1 AND object_key = $2");
  if (!rows.bind(bucket, key).step()) return std::nullopt;
  return ObjectRow{.bucket = std::string(bucket),
                   .key = std::string(key),
                   .size = rows.integer(0),
                   .modified_at = rows.time(1),
                   .etag = rows.text(2),
                   .checksum = rows.optional_text(3),
                   .content = rows.text(4),
                   .document = rows.text(5),
                   .parts = rows.optional_text(6)};
}

void ObjectTable::put(const ObjectRow& row) {
  connection_
      .prepare(
          "INSERT INTO objects (bucket, object_key, size, modified_at, etag, checksum, content, "
          "document, parts) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
          "ON CONFLICT (bucket, object_key) DO UPDATE SET size = excluded.size, "
          "modified_at = excluded.modified_at, etag = excluded.etag, checksum = excluded.checksum, "
          "content = excluded.content, document = excluded.document, parts = excluded.parts")
      .bind(row.bucket, row.key, row.size, row.modified_at, row.etag, row.checksum, row.content,
            row.document, row.parts)
      .run();
}

void ObjectTable::set_document(std::string_view bucket, std::string_view key,
                               std::string_view document) {
  connection_.prepare("UPDATE objects SET document = $1 WHERE bucket = $2 AND object_key = $3")
      .bind(document, bucket, key)
      .run();
}

void ObjectTable::erase(std::string_view bucket, std::string_view key) {
  connection_.prepare("DELETE FROM objects WHERE bucket = $1 AND object_key = $2")
      .bind(bucket, key)
      .run();
}

bool ObjectTable::any(std::string_view bucket) {
  return connection_.prepare("SELECT 1 FROM objects WHERE bucket = $1 LIMIT 1").bind(bucket).step();
}

void ObjectTable::scan(std::string_view bucket, std::string from, std::string_view before,
                       const std::function<ScanStep(const ObjectEntry&)>& visit) {
  const char* bounded =
      "SELECT object_key, size, modified_at, etag, checksum, content FROM objects "
      "WHERE bucket = $1 AND object_key >= $2 AND object_key < $3 ORDER BY object_key";
  const char* unbounded =
      "SELECT object_key, size, modified_at, etag, checksum, content FROM objects "
      "WHERE bucket = $1 AND object_key >= $2 ORDER BY object_key";
  for (;;) {
    auto rows = connection_.prepare(before.empty() ? unbounded : bounded);
    if (before.empty()) {
      rows.bind(bucket, from);
    } else {
      rows.bind(bucket, from, before);
    }
    ScanStep step;
    while (step.kind == ScanStep::Kind::Next) {
      if (!rows.step()) return;
      step = visit({.key = rows.view(0),
                    .size = rows.integer(1),
                    .modified_at = rows.time(2),
                    .etag = rows.view(3),
                    .checksum = rows.view(4),
                    .content = rows.view(5)});
    }
    if (step.kind == ScanStep::Kind::Stop) return;
    from = std::move(step.from);
  }
}

void ObjectTable::each_content(const std::function<void(std::string_view)>& visit) {
  auto rows = connection_.prepare("SELECT content FROM objects");
  while (rows.step()) visit(rows.view(0));
}

std::string after_prefix(std::string_view prefix) {
  std::string text(prefix);
  while (!text.empty() && static_cast<unsigned char>(text.back()) == 0xff) text.pop_back();
  if (!text.empty()) text.back() = static_cast<char>(static_cast<unsigned char>(text.back()) + 1);
  return text;
}

}  // namespace millrace::records
