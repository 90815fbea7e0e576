#include "platform/outposts/resource_names.h"

#include <algorithm>

#include "core/base/access_point.h"
#include "core/base/arn.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/access.h"

namespace millrace::outposts {
namespace {

[[noreturn]] void invalid(const std::string& what) {
  throw Error(Blame::Customer, "InvalidRequest", what);
}

}  // namespace

ResourceName resource_named(std::string_view type, const std::string& given,
                            const std::optional<std::string>& outpost, const aws::Caller& caller) {
  const std::string form = "arn:aws:s3-outposts:<region>:" + caller.account +
                           ":outpost/<outpost>/" + std::string(type) + "/<name>";
  if (!given.starts_with("arn:")) {
    if (!outpost) {
      invalid("'" + printable(given, 80) + "' is on no Outpost: name it by its ARN, " + form +
              ". Buckets and access points that are on none are not managed by S3 Control here.");
    }
    return {.region = caller.region, .outpost = *outpost, .name = given};
  }
  const std::optional<Arn> arn = parse_arn(given);
  std::string resource = arn ? arn->resource : std::string();
  std::replace(resource.begin(), resource.end(), ':', '/');
  const auto parts = split(resource, '/');
  if (!arn || arn->service != "s3-outposts" || parts.size() != 4 || parts[0] != "outpost" ||
      !is_outpost_id(parts[1]) || parts[2] != type || parts[3].empty()) {
    invalid("'" + printable(given, 200) + "' is not of the form " + form + ".");
  }
  if (arn->account != caller.account) throw Error(Blame::Customer, "AccessDenied", "Access Denied");
  return {.region = arn->region, .outpost = std::string(parts[1]), .name = std::string(parts[3])};
}

void require_owner(const std::optional<std::string>& account, const aws::Caller& caller,
                   std::string_view operation) {
  aws::require_own_key(caller, "s3-outposts:" + std::string(operation));
  if (account && *account != caller.account)
    throw Error(Blame::Customer, "AccessDenied", "Access Denied");
}

std::string outposts_arn(std::string_view region, std::string_view account,
                         std::string_view outpost, std::string_view type, std::string_view name) {
  std::string resource("outpost/");
  resource.append(outpost).append("/").append(type).append("/").append(name);
  return Arn{.service = "s3-outposts",
             .region = std::string(region),
             .account = std::string(account),
             .resource = std::move(resource)}
      .text();
}

}  // namespace millrace::outposts
