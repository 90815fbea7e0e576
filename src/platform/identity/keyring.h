#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/guarded.h"
#include "platform/aws/authenticate.h"
#include "platform/records/database.h"

namespace millrace::identity {

/// The account of a fresh installation. Twelve digits that Amazon's own documentation uses for
/// examples, so that it is nobody's.
inline constexpr const char* kDefaultAccount = "111122223333";
/// Every key acts under a role: SDKs look for one in the caller's ARN and give up when they find a
/// user.
inline constexpr const char* kDefaultRole = "MillraceExecutionRole";

/// The keys of one running job. Both die with it.
struct JobKeys {
  aws::Credentials supervisor;  ///< may fetch the ticket and report
  aws::Credentials
      program;  ///< goes into the container's environment: data, logs, and a look at the job itself
};

/// Access keys: the operator's, and temporary ones for jobs.
///
///     Keyring keys(database);
///     keys.open(data_dir / "credentials.json");
///     const aws::KeyLookup lookup = [&](std::string_view id) { return keys.find(id); };
class Keyring {
 public:
  /// `database` must outlive the keyring.
  explicit Keyring(records::Database& database) : database_(database) {}

  /// Call once before serving. On the first start makes the default role and one access key and
  /// writes the key to `credentials_file`, {"AccessKeyId", "SecretAccessKey"}, mode 0600; later
  /// starts write the file again only when it is missing. Returns the key's id.
  std::string open(const std::filesystem::path& credentials_file);

  /// Secret and owner of a key; nullopt when there is no such key (any more).
  [[nodiscard]] std::optional<aws::Identity> find(std::string_view access_key);

  /// Whose job keys are for.
  struct JobOwner {
    std::string account;
    std::string user;  ///< whose policies bind the job's keys too; empty: none do
  };
  /// Makes the keys of a job in the caller's transaction, or returns those it has. The job's role
  /// gives its session its ARN: arn:aws:sts::<account>:assumed-role/<role>/<session>.
  static JobKeys issue(records::Connection& transaction, const JobOwner& owner,
                       const std::string& job, const std::string& role_arn);
  /// Keys of a job in the caller's transaction or snapshot; nullopt when it has none.
  static std::optional<JobKeys> of_job(records::Connection& connection, const std::string& job);
  /// Forgets a long-lived key that has been removed.
  void forget(const std::string& access_key);
  static void revoke(records::Connection& transaction, const std::string& job);

 private:
  records::Database& database_;
  /// Long-lived keys only: they sign nearly every request, and whoever withdraws one says so.
  struct Cache {
    std::unordered_map<std::string, std::shared_ptr<const aws::Identity>> keys;
    std::uint64_t forgotten = 0;  ///< how many were; a key read before that is not kept
  };
  Guarded<Cache> long_lived_;
};

/// A new long-lived key of a user, in the caller's transaction.
aws::Credentials issue_user_key(records::Connection& transaction, const std::string& account,
                                const std::string& user);

/// "AKIA" and 16 characters, and so on: `prefix` and 16 random ones of A-Z and 2-7.
std::string random_id(std::string_view prefix);

}  // namespace millrace::identity
