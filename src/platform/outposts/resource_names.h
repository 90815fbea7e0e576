#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/aws/caller.h"

namespace millrace::outposts {

/// A bucket or an access point as a request to S3 Control names it.
struct ResourceName {
  std::string region;
  std::string outpost;
  std::string name;
};

/// `given` is the ARN of a resource of that type ("bucket", "accesspoint"), or its name with the
/// Outpost of the header x-amz-outpost-id beside it. Throws Error(Customer, InvalidRequest) for a
/// name without an Outpost and for other ARNs.
ResourceName resource_named(std::string_view type, const std::string& given,
                            const std::optional<std::string>& outpost, const aws::Caller& caller);

/// Throws Error(Customer, AccessDenied) when a request names another account than its caller's,
/// and AccessDeniedException for the keys of jobs.
void require_owner(const std::optional<std::string>& account, const aws::Caller& caller,
                   std::string_view operation);

/// arn:aws:s3-outposts:<region>:<account>:outpost/<outpost>/<type>/<name>
std::string outposts_arn(std::string_view region, std::string_view account,
                         std::string_view outpost, std::string_view type, std::string_view name);

}  // namespace millrace::outposts
