#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/aws/caller.h"
#include "platform/aws/resource_access.h"

namespace millrace::identity {

/// One statement of a policy: what it says, about which actions on which resources.
struct PolicyStatement {
  bool allow = false;
  std::vector<std::string> actions;       ///< patterns, compared without regard to case
  std::vector<std::string> resources;     ///< patterns
  std::vector<std::string> principals{};  ///< of a resource's policy: ARNs, accounts or "*"
};

/// A policy document of IAM's language, of which this is understood: Version, Id, Statement, and in
/// a statement Sid, Effect, Action and Resource, with the wildcards * and ?. What is not
/// (Condition, NotAction, NotResource, Principal, NotPrincipal, policy variables) is refused by
/// name, because leaving out a part of a policy would allow what it forbids.
struct Policy {
  std::vector<PolicyStatement> statements;
};

/// Longest document, as published for a user's own policies.
inline constexpr std::size_t kMaxPolicyBytes = 2048;

/// Throws Error(Customer, MalformedPolicyDocument) naming the statement and what is wrong with it.
Policy parse_policy(std::string_view document);

/// Longest document of a resource's policy, as published for buckets.
inline constexpr std::size_t kMaxResourcePolicyBytes = 20480;

/// The policy of a resource, whose statements have a Principal besides: "*", or {"AWS": ...} with
/// one or a list of "*", accounts, and ARNs of accounts, users, roles and their sessions. Throws
/// Error(Customer, MalformedPolicyDocument) as parse_policy() does.
Policy parse_resource_policy(std::string_view document);

/// The statements of a resource's policy whose Principal the caller is.
Policy statements_for(const Policy& policy, const aws::Caller& caller);

enum class Verdict { Allowed, Denied, NotMentioned };

/// What several policies together say: a Deny that matches wins, then an Allow.
///
/// A resource that ends in "*" stands for everything that begins so: it is allowed where one
/// pattern covers all of that, and denied where one touches any of it.
Verdict verdict_of(const std::vector<Policy>& policies, const aws::ResourceAccess& access);

}  // namespace millrace::identity
