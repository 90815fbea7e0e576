#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"
#include "platform/records/objects.h"

namespace millrace::records {

/// A multipart upload. A completed one is kept for a while, so that a client that did not hear the
/// answer may ask again.
struct UploadRow {
  std::string id;
  std::string bucket;
  std::string key;
  Time initiated_at{};
  std::string document;  ///< in platform/store's form
  std::optional<Time> completed_at;
  std::optional<std::string>
      outcome;  ///< of a completed one: what was answered, in platform/store's form
};

struct PartRow {
  std::string upload;
  std::int64_t number = 0;
  std::int64_t size = 0;
  Time modified_at{};
  std::string etag;  ///< without quotes
  std::string content;
  std::optional<std::string> checksum;
};

class UploadTable {
 public:
  explicit UploadTable(Connection& connection) : connection_(connection) {}

  void insert(const UploadRow& row);
  std::optional<UploadRow> find(std::string_view id);
  /// Takes an upload out of the listing and keeps its answer.
  void complete(std::string_view id, Time completed_at, std::string_view outcome);
  void erase(std::string_view id);
  void erase_completed_before(Time time);
  /// True while an upload to the bucket is open.
  bool any_open(std::string_view bucket);
  /// Removes what completed uploads left of a bucket that is being deleted.
  void erase_completed(std::string_view bucket);

  /// Open uploads of a bucket by (key, id), from `from` inclusive and, for the key `from` itself,
  /// ids above `after_id` only. As ObjectTable::scan otherwise.
  void scan(std::string_view bucket, std::string from, std::string after_id,
            std::string_view before, const std::function<ScanStep(const UploadRow&)>& visit);

 private:
  Connection& connection_;
};

class PartTable {
 public:
  explicit PartTable(Connection& connection) : connection_(connection) {}

  /// Inserts or replaces.
  void put(const PartRow& row);
  std::optional<PartRow> find(std::string_view upload, std::int64_t number);
  /// Parts above `after`, by number, at most `limit`.
  std::vector<PartRow> list(std::string_view upload, std::int64_t after, std::int64_t limit);
  void erase(std::string_view upload);
  /// Every content name that parts refer to.
  void each_content(const std::function<void(std::string_view)>& visit);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
