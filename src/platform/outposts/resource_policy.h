#pragma once

#include <string>
#include <vector>

#include "platform/aws/caller.h"
#include "platform/aws/resource_access.h"
#include "platform/records/database.h"

namespace millrace::outposts {

/// Throws Error(Customer, MalformedPolicy) for a document that is no policy of a bucket or an
/// access point as identity::parse_resource_policy() reads it.
void check_resource_policy(const std::string& document);

/// The policies of buckets on Outposts and of their access points. What a user may do follows from
/// the user's own policies; these can take away from it, by Deny, and add nothing. Where they are
/// put, read and removed they have no say, so that nobody locks everybody out for good.
class ResourcePolicies {
 public:
  /// `database` must outlive this.
  explicit ResourcePolicies(records::Database& database) : database_(database) {}

  /// Throws Error(Customer, AccessDenied) where the policy of a bucket or access point that one of
  /// `accesses` names denies it.
  void check(const aws::Caller& caller, const std::vector<aws::ResourceAccess>& accesses) const;

 private:
  records::Database& database_;
};

}  // namespace millrace::outposts
