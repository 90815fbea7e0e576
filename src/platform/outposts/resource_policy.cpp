#include "platform/outposts/resource_policy.h"

#include <optional>

#include "core/base/arn.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/identity/policy.h"
#include "platform/records/outposts.h"

namespace millrace::outposts {
namespace {

constexpr std::string_view kPrefix = "s3-outposts:";

/// The policy of the bucket or access point that an ARN names or lies in.
std::optional<std::string> policy_at(records::Connection& connection, const std::string& resource) {
  const std::optional<Arn> arn = parse_arn(resource);
  if (!arn) return std::nullopt;
  const auto parts = split(arn->resource, '/');
  if (parts.size() < 4 || parts[0] != "outpost") return std::nullopt;
  if (parts[2] == "bucket") {
    const auto row = records::OutpostBucketTable(connection).find(parts[1], parts[3]);
    return row ? row->policy : std::nullopt;
  }
  if (parts[2] == "accesspoint") {
    const auto row = records::AccessPointTable(connection).find(parts[1], parts[3]);
    return row ? row->policy : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

void check_resource_policy(const std::string& document) {
  try {
    static_cast<void>(identity::parse_resource_policy(document));
  } catch (const Error& error) {
    throw Error(Blame::Customer, "MalformedPolicy", error.what());
  }
}

void ResourcePolicies::check(const aws::Caller& caller,
                             const std::vector<aws::ResourceAccess>& accesses) const {
  for (const aws::ResourceAccess& access : accesses) {
    if (!access.action.starts_with(kPrefix) || access.action.ends_with("Policy")) continue;
    const std::optional<std::string> document = database_.read(
        [&](records::Connection& connection) { return policy_at(connection, access.resource); });
    if (!document) continue;
    const identity::Policy policy =
        identity::statements_for(identity::parse_resource_policy(*document), caller);
    if (identity::verdict_of({policy}, access) != identity::Verdict::Denied) continue;
    throw Error(Blame::Customer, "AccessDenied",
                "User: " + caller.arn + " is not authorized to perform: " + access.action +
                    " on resource: \"" + access.resource +
                    "\" with an explicit deny in a resource-based policy");
  }
}

}  // namespace millrace::outposts
