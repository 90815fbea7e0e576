#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

struct ObjectRow {
  std::string bucket;
  std::string key;  ///< any bytes, compared as such
  std::int64_t size = 0;
  Time modified_at{};
  std::string etag;                     ///< without quotes
  std::optional<std::string> checksum;  ///< in platform/store's form
  std::string content;                  ///< names the file that holds the bytes
  std::string document;                 ///< headers, metadata and tags in platform/store's form
  std::optional<std::string> parts;  ///< of an object that came in parts, in platform/store's form
};

/// What a listing shows. Views are valid during the call they are passed to.
struct ObjectEntry {
  std::string_view key;
  std::int64_t size = 0;
  Time modified_at{};
  std::string_view etag;
  std::string_view checksum;  ///< empty when there is none
  std::string_view content;
};

/// Where to continue after an entry.
struct ScanStep {
  enum class Kind { Next, Seek, Stop } kind = Kind::Next;
  std::string from;  ///< with Seek: the smallest key to look at next
};

class ObjectTable {
 public:
  explicit ObjectTable(Connection& connection) : connection_(connection) {}

  std::optional<ObjectRow> find(std::string_view bucket, std::string_view key);
  /// Inserts or replaces.
  void put(const ObjectRow& row);
  void set_document(std::string_view bucket, std::string_view key, std::string_view document);
  void erase(std::string_view bucket, std::string_view key);
  bool any(std::string_view bucket);

  /// Walks the keys of a bucket in ascending order of their bytes, from `from` (inclusive) up to
  /// `before` (exclusive; empty for no limit), until `visit` says Stop. Seek jumps over what it
  /// leaves out without reading it.
  void scan(std::string_view bucket, std::string from, std::string_view before,
            const std::function<ScanStep(const ObjectEntry&)>& visit);

  /// Every content name that objects refer to, in no order. Reads the whole table.
  void each_content(const std::function<void(std::string_view)>& visit);

 private:
  Connection& connection_;
};

/// The smallest text above every text that starts with `prefix`; empty when there is none.
std::string after_prefix(std::string_view prefix);

}  // namespace millrace::records
