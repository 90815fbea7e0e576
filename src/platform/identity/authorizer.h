#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/guarded.h"
#include "platform/aws/caller.h"
#include "platform/aws/resource_access.h"
#include "platform/aws/shape.h"
#include "platform/identity/policy.h"
#include "platform/records/database.h"

namespace millrace::identity {

/// Decides whether a caller may do what a request asks for. The operator's keys may do everything;
/// a user's what the user's policies allow. The keys of a user's job are bound by the same policies
/// where they read and write objects, so that a job reaches nothing its user does not; what else a
/// job's keys may do is limited by the operations themselves.
class Authorizer {
 public:
  /// `database` must outlive this.
  explicit Authorizer(records::Database& database) : database_(database) {}

  /// Throws Error(Customer) with AccessDenied, or AccessDeniedException, in IAM's words.
  void check(const aws::Service& service, const aws::Caller& caller,
             const std::vector<aws::ResourceAccess>& accesses);
  /// The policies of a user have changed.
  void forget(const std::string& account, const std::string& user);

 private:
  using Policies = std::shared_ptr<const std::vector<Policy>>;
  struct Cache {
    std::unordered_map<std::string, Policies> by_user;  ///< "<account>/<user>"
    std::uint64_t forgotten = 0;  ///< how often; policies read before that are not kept
  };

  Policies policies_of(const aws::Caller& caller);

  records::Database& database_;
  Guarded<Cache> cache_;
};

}  // namespace millrace::identity
