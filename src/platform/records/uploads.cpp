#include "platform/records/uploads.h"

#include <utility>

namespace millrace::records {
namespace {

UploadRow upload_of(const Statement& rows) {
  return {.id = rows.text(0),
          .bucket = rows.text(1),
          .key = rows.text(2),
          .initiated_at = rows.time(3),
          .document = rows.text(4),
          .completed_at = rows.optional_time(5),
          .outcome = rows.optional_text(6)};
}

PartRow part_of(const Statement& rows) {
  return {.upload = rows.text(0),
          .number = rows.integer(1),
          .size = rows.integer(2),
          .modified_at = rows.time(3),
          .etag = rows.text(4),
          .content = rows.text(5),
          .checksum = rows.optional_text(6)};
}

}  // namespace

void UploadTable::insert(const UploadRow& row) {
  connection_
      .prepare(
          "INSERT INTO uploads (id, bucket, object_key, initiated_at, document) VALUES ($1, $2, "
          "$3, $4, $5)")
      .bind(row.id, row.bucket, row.key, row.initiated_at, row.document)
      .run();
}

std::optional<UploadRow> UploadTable::find(std::string_view id) {
  auto rows = connection_.prepare(
      "SELECT id, bucket, object_key, initiated_at, document, completed_at, outcome FROM uploads "
      "WHERE id = $1");
  if (!rows.bind(id).step()) return std::nullopt;
  return upload_of(rows);
}

void UploadTable::complete(std::string_view id, Time completed_at, std::string_view outcome) {
  connection_.prepare("UPDATE uploads SET completed_at = $1, outcome = $2 WHERE id = $3")
      .bind(completed_at, outcome, id)
      .run();
}

void UploadTable::erase(std::string_view id) {
  connection_.prepare("DELETE FROM uploads WHERE id = $1").bind(id).run();
}

void UploadTable::erase_completed_before(Time time) {
  connection_.prepare("DELETE FROM uploads WHERE completed_at < $1").bind(time).run();
}

bool UploadTable::any_open(std::string_view bucket) {
  return connection_
      .prepare("SELECT 1 FROM uploads WHERE bucket = $1 AND completed_at IS NULL LIMIT 1")
      .bind(bucket)
      .step();
}

void UploadTable::erase_completed(std::string_view bucket) {
  connection_.prepare("DELETE FROM uploads WHERE bucket = $1 AND completed_at IS NOT NULL")
      .bind(bucket)
      .run();
}

void UploadTable::scan(std::string_view bucket, std::string from, std::string after_id,
                       std::string_view before,
                       const std::function<ScanStep(const UploadRow&)>& visit) {
  for (;;) {
    auto rows = connection_.prepare(
        "SELECT id, bucket, object_key, initiated_at, document, completed_at, outcome FROM uploads "
        "WHERE bucket = $1 AND object_key >= $2 AND (object_key > $2 OR id > $3) AND completed_at "
        "IS NULL "
        "ORDER BY object_key, id");
    rows.bind(bucket, from, after_id);
    ScanStep step;
    while (step.kind == ScanStep::Kind::Next) {
      if (!rows.step()) return;
      const UploadRow row = upload_of(rows);
      if (!before.empty() && row.key >= before) return;
      step = visit(row);
    }
    if (step.kind == ScanStep::Kind::Stop) return;
    from = std::move(step.from);
    after_id.clear();
  }
}

void PartTable::put(const PartRow& row) {
  connection_
      .prepare(
          "INSERT INTO parts (upload, number, size, modified_at, etag, content, checksum) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7) "
          "ON CONFLICT (upload, number) DO UPDATE SET size = excluded.size, modified_at = "
          "excluded.modified_at, "
          "etag = excluded.etag, content = excluded.content, checksum = excluded.checksum")
      .bind(row.upload, row.number, row.size, row.modified_at, row.etag, row.content, row.checksum)
      .run();
}

std::optional<PartRow> PartTable::find(std::string_view upload, std::int64_t number) {
  auto rows = connection_.prepare(
      "SELECT upload, number, size, modified_at, etag, content, checksum FROM parts WHERE upload = "
      "$1 AND number = $2");
  if (!rows.bind(upload, number).step()) return std::nullopt;
  return part_of(rows);
}

std::vector<PartRow> PartTable::list(std::string_view upload, std::int64_t after,
                                     std::int64_t limit) {
  auto rows = connection_.prepare(
      "SELECT upload, number, size, modified_at, etag, content, checksum FROM parts "
      "WHERE upload = $1 AND number > $2 ORDER BY number LIMIT $3");
  rows.bind(upload, after, limit);
  std::vector<PartRow> found;
  while (rows.step()) found.push_back(part_of(rows));
  return found;
}

void PartTable::erase(std::string_view upload) {
  connection_.prepare("DELETE FROM parts WHERE upload = $1").bind(upload).run();
}

void PartTable::each_content(const std::function<void(std::string_view)>& visit) {
  auto rows = connection_.prepare("SELECT content FROM parts");
  while (rows.step()) visit(rows.view(0));
}

}  // namespace millrace::records
