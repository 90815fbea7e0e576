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

 private:
  Connection& connection_;
};

}  // namespace millrace::records
