#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

struct UserRow {
  std::string account;
  std::string name;  ///< as given; unique without regard to case, as in IAM
  std::string id;    ///< AIDA...
  Time created_at{};
};

class UserTable {
 public:
  explicit UserTable(Connection& connection) : connection_(connection) {}

  /// False when the name is taken.
  bool insert(const UserRow& row);
  std::optional<UserRow> find(std::string_view account, std::string_view name);
  /// By name in lower case, strictly after `after` (a name, or empty).
  std::vector<UserRow> list(std::string_view account, std::string_view after, std::int64_t limit);
  /// With its policies; its keys are the caller's business.
  void erase(std::string_view account, std::string_view name);

  /// Replaces a policy of that name.
  void put_policy(std::string_view account, std::string_view user, std::string_view policy,
                  std::string_view document);
  std::optional<std::string> policy(std::string_view account, std::string_view user,
                                    std::string_view policy);
  /// Names, in order.
  std::vector<std::string> policies(std::string_view account, std::string_view user);
  /// False when there is none of that name.
  bool erase_policy(std::string_view account, std::string_view user, std::string_view policy);

  /// Attaching twice is harmless.
  void attach(std::string_view account, std::string_view user, std::string_view policy_arn);
  std::vector<std::string> attached(std::string_view account, std::string_view user);
  /// False when it was not attached.
  bool detach(std::string_view account, std::string_view user, std::string_view policy_arn);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
