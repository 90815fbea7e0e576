#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/records/connection.h"

namespace millrace::records {

struct TagRow {
  std::string key;
  std::string value;

  friend bool operator==(const TagRow&, const TagRow&) = default;
};

struct TaggedRow {
  std::string resource;  ///< its ARN, in lower case
  TagRow tag;
};

/// Tags by the ARN of their resource, which is compared without regard to case.
class TagTable {
 public:
  explicit TagTable(Connection& connection) : connection_(connection) {}

  /// Adds the tag or replaces the value of its key.
  void put(std::string_view account, std::string_view arn, const TagRow& tag);
  void erase(std::string_view account, std::string_view arn, std::string_view key);
  void erase_all(std::string_view account, std::string_view arn);
  std::int64_t count(std::string_view account, std::string_view arn);
  /// By key in byte order, strictly after `after` (a key, or empty).
  std::vector<TagRow> list(std::string_view account, std::string_view arn, std::string_view after,
                           std::int64_t limit);
  /// Tags of resources of a kind ("training-job") whose key or value contains a text in lower case,
  /// or "key=value": of that key, whose value begins so. In no order.
  std::vector<TaggedRow> search(std::string_view account, std::string_view kind,
                                std::string_view lower, std::int64_t limit);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
