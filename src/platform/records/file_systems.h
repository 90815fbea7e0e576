#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

/// A directory of this machine that channels name as a file system.
struct FileSystemRow {
  std::string id;
  std::string type;  ///< EFS or FSxLustre
  std::string path;  ///< absolute
  std::optional<std::string> linked_s3_uri;
  std::optional<std::string> mount_name;  ///< of FSxLustre
  Time created_at{};
  std::int64_t fetches = 0;  ///< from the linked bucket
  std::int64_t fetched_bytes = 0;
};

class FileSystemTable {
 public:
  explicit FileSystemTable(Connection& connection) : connection_(connection) {}

  /// False when the id is taken.
  bool insert(const FileSystemRow& row);
  std::optional<FileSystemRow> find(std::string_view id);
  /// All, by id.
  std::vector<FileSystemRow> list();
  /// With its uses and counts; false when there is no such file system.
  bool erase(std::string_view id);
  void add_fetches(std::string_view id, std::int64_t fetches, std::int64_t bytes);
  /// False when the file system has had a count of this id.
  bool remember_count(std::string_view id, std::string_view count_id);

  /// A job has a channel of the file system; repeating it is harmless.
  void add_use(std::string_view id, std::string_view account, std::string_view job);
  bool is_used_by(std::string_view id, std::string_view account, std::string_view job);
  /// How many jobs that are InProgress or Stopping use it.
  std::int64_t unfinished_jobs(std::string_view id);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
