#include "platform/records/file_systems.h"

#include "core/base/text.h"

namespace millrace::records {
namespace {

constexpr const char* kSelect =
    "SELECT id, type, path, linked_s3_uri, mount_name, created_at, fetches, fetched_bytes "
    "FROM file_systems ";

FileSystemRow row_of(const Statement& rows) {
  return {.id = rows.text(0),
          .type = rows.text(1),
          .path = rows.text(2),
          .linked_s3_uri = rows.optional_text(3),
          .mount_name = rows.optional_text(4),
          .created_at = rows.time(5),
          .fetches = rows.integer(6),
          .fetched_bytes = rows.integer(7)};
}

}  // namespace

bool FileSystemTable::insert(const FileSystemRow& row) {
  return connection_
             .prepare(
                 "INSERT INTO file_systems (id, type, path, linked_s3_uri, mount_name, created_at, "
                 "fetches, fetched_bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                 "ON CONFLICT (id) DO NOTHING")
             .bind(row.id, row.type, row.path, row.linked_s3_uri, row.mount_name, row.created_at,
                   row.fetches, row.fetched_bytes)
             .run() == 1;
}

std::optional<FileSystemRow> FileSystemTable::find(std::string_view id) {
  auto rows = connection_.prepare(std::string(kSelect) + "WHERE id = $1");
  if (!rows.bind(id).step()) return std::nullopt;
  return row_of(rows);
}

std::vector<FileSystemRow> FileSystemTable::list() {
  auto rows = connection_.prepare(std::string(kSelect) + "ORDER BY id");
  std::vector<FileSystemRow> found;
  while (rows.step()) found.push_back(row_of(rows));
  return found;
}

bool FileSystemTable::erase(std::string_view id) {
  connection_.prepare("DELETE FROM file_system_uses WHERE file_system = $1").bind(id).run();
  connection_.prepare("DELETE FROM file_system_counts WHERE file_system = $1").bind(id).run();
  return connection_.prepare("DELETE FROM file_systems WHERE id = $1").bind(id).run() == 1;
}

void FileSystemTable::add_fetches(std::string_view id, std::int64_t fetches, std::int64_t bytes) {
  connection_
      .prepare(
          "UPDATE file_systems SET fetches = fetches + $1, fetched_bytes = fetched_bytes + $2 "
          "WHERE id = $3")
      .bind(fetches, bytes, id)
      .run();
}

bool FileSystemTable::remember_count(std::string_view id, std::string_view count_id) {
  return connection_
             .prepare(
                 "INSERT INTO file_system_counts (file_system, count_id) VALUES ($1, $2) "
                 "ON CONFLICT (file_system, count_id) DO NOTHING")
             .bind(id, count_id)
             .run() == 1;
}

void FileSystemTable::add_use(std::string_view id, std::string_view account, std::string_view job) {
  connection_
      .prepare(
          "INSERT INTO file_system_uses (file_system, account, job_key) VALUES ($1, $2, $3) "
          "ON CONFLICT (file_system, account, job_key) DO NOTHING")
      .bind(id, account, to_lower(job))
      .run();
}

bool FileSystemTable::is_used_by(std::string_view id, std::string_view account,
                                 std::string_view job) {
  auto rows = connection_.prepare(
      "SELECT 1 FROM file_system_uses WHERE file_system = $1 AND account = $2 AND job_key = $3");
  return rows.bind(id, account, to_lower(job)).step();
}

std::int64_t FileSystemTable::unfinished_jobs(std::string_view id) {
  auto rows = connection_.prepare(
      "SELECT COUNT(*) FROM file_system_uses JOIN training_jobs "
      "ON training_jobs.account = file_system_uses.account AND name_key = job_key "
      "WHERE file_system = $1 AND status IN ('InProgress', 'Stopping')");
  rows.bind(id).step();
  return rows.integer(0);
}

}  // namespace millrace::records
