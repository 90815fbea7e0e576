#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

struct BucketRow {
  std::string name;     ///< "<outpost>:<name>" of a bucket on an Outpost, which no client can name
  std::string account;  ///< the owner
  std::string region;
  Time created_at{};
};

class BucketTable {
 public:
  explicit BucketTable(Connection& connection) : connection_(connection) {}

  /// False when the name is taken, by whomever.
  bool insert(const BucketRow& row);
  std::optional<BucketRow> find(std::string_view name);
  /// An account's buckets that are on no Outpost, by name.
  std::vector<BucketRow> of_account(std::string_view account);
  void erase(std::string_view name);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
