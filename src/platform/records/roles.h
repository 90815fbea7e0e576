#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

struct RoleRow {
  std::string account;
  std::string name;          ///< as given; unique without regard to case, as in IAM
  std::string path;          ///< "/" or "/a/b/"
  std::string id;            ///< AROA...
  std::string trust_policy;  ///< JSON text
  std::optional<std::string> description;
  std::int64_t max_session_seconds = 3600;
  Time created_at{};
};

class RoleTable {
 public:
  explicit RoleTable(Connection& connection) : connection_(connection) {}

  /// False when the name is taken.
  bool insert(const RoleRow& row);
  std::optional<RoleRow> find(std::string_view account, std::string_view name);
  /// Roles whose path begins with `path_prefix`, by name in lower case, strictly after `after` (a
  /// name, or empty).
  std::vector<RoleRow> list(std::string_view account, std::string_view path_prefix,
                            std::string_view after, std::int64_t limit);

  /// Attaching twice is harmless.
  void attach(std::string_view account, std::string_view role, std::string_view policy_arn);
  std::vector<std::string> attached(std::string_view account, std::string_view role,
                                    std::string_view after, std::int64_t limit);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
