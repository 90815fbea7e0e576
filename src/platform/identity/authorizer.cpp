#include "platform/identity/authorizer.h"

#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/identity/managed_policies.h"
#include "platform/records/users.h"

namespace millrace::identity {
namespace {

[[noreturn]] void refuse(const aws::Service& service, const aws::Caller& caller,
                         const aws::ResourceAccess& access, const std::string& why) {
  const bool s3 = service.protocol == aws::Protocol::RestXml;
  throw Error(Blame::Customer, s3 ? "AccessDenied" : "AccessDeniedException",
              "User: " + caller.arn + " is not authorized to perform: " + access.action +
                  " on resource: \"" + access.resource + "\" " + why);
}

bool concerns_objects(const aws::ResourceAccess& access) {
  return access.action.starts_with("s3:") || access.action.starts_with("s3-outposts:");
}

}  // namespace

void Authorizer::check(const aws::Service& service, const aws::Caller& caller,
                       const std::vector<aws::ResourceAccess>& accesses) {
  if (caller.user.empty() || accesses.empty()) return;
  const Policies policies = policies_of(caller);
  for (const aws::ResourceAccess& access : accesses) {
    if (!caller.job.empty() && !concerns_objects(access)) continue;
    switch (verdict_of(*policies, access)) {
      case Verdict::Allowed:
        break;
      case Verdict::Denied:
        refuse(service, caller, access, "with an explicit deny in an identity-based policy");
      case Verdict::NotMentioned:
        refuse(service, caller, access,
               "because no identity-based policy allows the " + access.action + " action");
    }
  }
}

void Authorizer::forget(const std::string& account, const std::string& user) {
  cache_.with([&](Cache& cache) {
    cache.by_user.erase(account + "/" + to_lower(user));
    ++cache.forgotten;
  });
}

Authorizer::Policies Authorizer::policies_of(const aws::Caller& caller) {
  const std::string key = caller.account + "/" + caller.user;
  std::uint64_t forgotten = 0;
  Policies known = cache_.with([&](const Cache& cache) {
    forgotten = cache.forgotten;
    const auto found = cache.by_user.find(key);
    return found == cache.by_user.end() ? nullptr : found->second;
  });
  if (known) return known;
  auto policies = std::make_shared<std::vector<Policy>>();
  database_.snapshot([&](records::Connection& connection) {
    records::UserTable users(connection);
    for (const std::string& name : users.policies(caller.account, caller.user))
      policies->push_back(parse_policy(users.policy(caller.account, caller.user, name).value()));
    for (const std::string& arn : users.attached(caller.account, caller.user)) {
      if (auto policy = managed_policy(arn)) policies->push_back(*std::move(policy));
    }
  });
  cache_.with([&](Cache& cache) {
    if (cache.forgotten == forgotten) cache.by_user.emplace(key, policies);
  });
  return policies;
}

}  // namespace millrace::identity
