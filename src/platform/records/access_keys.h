#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

/// One access key. Secrets are stored as they are: a signature can only be checked with the secret
/// itself, which is why the data directory belongs to the daemon's user alone.
struct AccessKeyRow {
  std::string id;  ///< AKIA... or, for temporary keys, ASIA...
  std::string secret;
  std::string session_token;  ///< empty for a long-lived key
  std::string account;
  std::string arn;   ///< arn:aws:sts::<account>:assumed-role/<role>/<session>
  std::string kind;  ///< "operator", "user", "supervisor" or "program"
  std::string job;   ///< the job a temporary key belongs to, in lower case; otherwise empty
  std::string user;  ///< whose policies bind it, in lower case; empty: none do
  Time created_at{};
};

class AccessKeyTable {
 public:
  explicit AccessKeyTable(Connection& connection) : connection_(connection) {}

  void insert(const AccessKeyRow& row);
  std::optional<AccessKeyRow> find(std::string_view id);
  /// The oldest of a kind.
  std::optional<AccessKeyRow> first(std::string_view kind);
  /// The key of that kind that belongs to `job`.
  std::optional<AccessKeyRow> of_job(std::string_view kind, std::string_view job);
  /// Removes every key of a job.
  void erase_job(std::string_view job);
  /// The long-lived keys of a user, the oldest first.
  std::vector<AccessKeyRow> of_user(std::string_view account, std::string_view user);
  /// Removes a long-lived key of a user; false when the user has no such key.
  bool erase(std::string_view account, std::string_view user, std::string_view id);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
