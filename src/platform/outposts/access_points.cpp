#include "platform/outposts/access_points.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "platform/outposts/find_bucket.h"
#include "platform/outposts/page.h"
#include "platform/outposts/resource_names.h"
#include "platform/outposts/resource_policy.h"

namespace millrace::outposts {
namespace {

namespace sc = wire::s3control;
using records::AccessPointRow;
using records::AccessPointTable;
using records::Connection;

constexpr std::int64_t kLargestPage = 1000;

[[noreturn]] void refuse(const char* code, const std::string& message) {
  throw Error(Blame::Customer, code, message);
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html
void check_name(const std::string& name) {
  const bool fits =
      name.size() >= 3 && name.size() <= 50 && is_alphanumeric(name.front()) &&
      is_alphanumeric(name.back()) &&
      std::all_of(name.begin(), name.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
  const bool reserved = name.ends_with("-s3alias") || name.ends_with("--op-s3");
  if (fits && !reserved) return;
  refuse("InvalidRequest",
         "'" + printable(name, 80) +
             "' is no name of an access point: that has 3 to 50 lower case letters, digits and "
             "hyphens, begins and ends with a letter or digit, and does not end with -s3alias or "
             "--op-s3.");
}

std::string checked_vpc(const sc::CreateAccessPointRequest& request) {
  if (!request.vpc_configuration) {
    refuse(
        "InvalidRequest",
        "Amazon VPC configuration is required. Set VpcConfiguration.VpcId; an access point on an "
        "Outpost is reached from a VPC.");
  }
  const std::string& vpc = request.vpc_configuration->vpc_id;
  constexpr std::string_view kStart = "vpc-";
  const bool fits = vpc.starts_with(kStart) && (vpc.size() == 12 || vpc.size() == 21) &&
                    vpc.find_first_not_of("0123456789abcdef", kStart.size()) == std::string::npos;
  if (!fits) {
    refuse("InvalidRequest", "VpcConfiguration.VpcId '" + printable(vpc, 80) +
                                 "' is no id of a VPC: that is vpc- and 8 or 17 hexadecimal "
                                 "digits.");
  }
  return vpc;
}

void refuse_public_access(const sc::CreateAccessPointRequest& request) {
  if (!request.public_access_block_configuration) return;
  const auto& block = *request.public_access_block_configuration;
  for (const auto& setting : {block.block_public_acls, block.ignore_public_acls,
                              block.block_public_policy, block.restrict_public_buckets}) {
    if (!setting.value_or(true))
      refuse("InvalidRequest", "Public access is not allowed on S3 on Outposts access points.");
  }
}

AccessPointRow find_point(Connection& connection, const ResourceName& name,
                          const aws::Caller& caller) {
  require_outpost(connection, name.outpost);
  std::optional<AccessPointRow> row = AccessPointTable(connection).find(name.outpost, name.name);
  if (!row || row->account != caller.account || row->region != name.region)
    refuse("NoSuchAccessPoint", "The specified accesspoint does not exist");
  return *std::move(row);
}

template <class Request>
ResourceName point_of(const Request& request, const aws::Caller& caller,
                      std::string_view operation) {
  require_owner(request.account_id, caller, operation);
  return resource_named("accesspoint", request.name, request.outpost_id, caller);
}

AccessPointRow read_point(records::Database& database, const ResourceName& name,
                          const aws::Caller& caller) {
  return database.read(
      [&](Connection& connection) { return find_point(connection, name, caller); });
}

std::string arn_of(const AccessPointRow& row) {
  return outposts_arn(row.region, row.account, row.outpost, "accesspoint", row.name);
}

std::string bucket_arn_of(const AccessPointRow& row) {
  return outposts_arn(row.region, row.account, row.outpost, "bucket", row.bucket);
}

}  // namespace

std::string new_alias(std::string_view access_point) {
  constexpr std::size_t kMostOfName = 18;
  constexpr std::size_t kRandomBytes = 10;
  std::string_view start = access_point.substr(0, kMostOfName);
  while (start.ends_with('-')) start.remove_suffix(1);
  return std::string(start) + "-o" + random_hex(kRandomBytes) + "--op-s3";
}

std::optional<aws::AccessPointTarget> AccessPoints::find(std::string_view alias_or_arn) const {
  const std::optional<AccessPointRow> row = database_.read([&](Connection& connection) {
    return AccessPointTable(connection).find_named(alias_or_arn);
  });
  if (!row) return std::nullopt;
  return aws::AccessPointTarget{.bucket = row->store_name(),
                                .arns = {arn_of(*row), bucket_arn_of(*row)}};
}

sc::CreateAccessPointResult AccessPoints::create(const sc::CreateAccessPointRequest& request,
                                                 const aws::Caller& caller) {
  require_owner(request.account_id, caller, "CreateAccessPoint");
  const ResourceName bucket = resource_named("bucket", request.bucket, request.outpost_id, caller);
  check_name(request.name);
  refuse_public_access(request);
  const AccessPointRow row{.outpost = bucket.outpost,
                           .name = request.name,
                           .bucket = bucket.name,
                           .account = caller.account,
                           .region = bucket.region,
                           .vpc = checked_vpc(request),
                           .alias = new_alias(request.name),
                           .created_at = now(),
                           .policy = {}};
  database_.write([&](Connection& connection) {
    static_cast<void>(find_bucket(connection, bucket, caller));
    if (!AccessPointTable(connection).insert(row)) {
      refuse("AccessPointAlreadyOwnedByYou",
             "Your previous request to create the named accesspoint succeeded and you already own "
             "it.");
    }
  });
  return {.access_point_arn = arn_of(row), .alias = row.alias};
}

sc::GetAccessPointResult AccessPoints::get(const sc::GetAccessPointRequest& request,
                                           const aws::Caller& caller) {
  const AccessPointRow row =
      read_point(database_, point_of(request, caller, "GetAccessPoint"), caller);
  return {.name = row.name,
          .bucket = row.bucket,
          .network_origin = sc::NetworkOrigin::VPC,
          .vpc_configuration = sc::VpcConfiguration{.vpc_id = row.vpc},
          .public_access_block_configuration =
              sc::PublicAccessBlockConfiguration{.block_public_acls = true,
                                                 .ignore_public_acls = true,
                                                 .block_public_policy = true,
                                                 .restrict_public_buckets = true},
          .creation_date = row.created_at,
          .alias = row.alias,
          .access_point_arn = arn_of(row),
          .bucket_account_id = row.account};
}

sc::ListAccessPointsResult AccessPoints::list(const sc::ListAccessPointsRequest& request,
                                              const aws::Caller& caller) {
  require_owner(request.account_id, caller, "ListAccessPoints");
  std::optional<ResourceName> bucket;
  if (request.bucket)
    bucket = resource_named("bucket", *request.bucket, request.outpost_id, caller);
  std::vector<AccessPointRow> rows = database_.read([&](Connection& connection) {
    if (bucket) static_cast<void>(find_bucket(connection, *bucket, caller));
    return AccessPointTable(connection).list();
  });
  const std::string outpost = bucket ? bucket->outpost : request.outpost_id.value_or("");
  std::erase_if(rows, [&](const AccessPointRow& row) {
    return row.account != caller.account || row.region != caller.region ||
           (!outpost.empty() && row.outpost != outpost) || (bucket && row.bucket != bucket->name);
  });
  auto page = page_of(
      std::move(rows), [](const AccessPointRow& row) { return row.outpost + ":" + row.name; },
      request.next_token, request.max_results.value_or(0), kLargestPage);
  sc::ListAccessPointsResult result{.access_point_list = std::vector<sc::AccessPoint>(),
                                    .next_token = page.next_token};
  for (const AccessPointRow& row : page.rows) {
    result.access_point_list->push_back(
        {.name = row.name,
         .network_origin = sc::NetworkOrigin::VPC,
         .vpc_configuration = sc::VpcConfiguration{.vpc_id = row.vpc},
         .bucket = row.bucket,
         .access_point_arn = arn_of(row),
         .alias = row.alias,
         .bucket_account_id = row.account});
  }
  return result;
}

wire::Empty AccessPoints::remove(const sc::DeleteAccessPointRequest& request,
                                 const aws::Caller& caller) {
  const ResourceName name = point_of(request, caller, "DeleteAccessPoint");
  database_.write([&](Connection& connection) {
    const AccessPointRow row = find_point(connection, name, caller);
    AccessPointTable(connection).erase(row.outpost, row.name);
  });
  return {};
}

wire::Empty AccessPoints::put_policy(const sc::PutAccessPointPolicyRequest& request,
                                     const aws::Caller& caller) {
  const ResourceName name = point_of(request, caller, "PutAccessPointPolicy");
  check_resource_policy(request.policy);
  database_.write([&](Connection& connection) {
    AccessPointRow row = find_point(connection, name, caller);
    row.policy = request.policy;
    AccessPointTable(connection).update(row);
  });
  return {};
}

sc::GetAccessPointPolicyResult AccessPoints::get_policy(
    const sc::GetAccessPointPolicyRequest& request, const aws::Caller& caller) {
  const AccessPointRow row =
      read_point(database_, point_of(request, caller, "GetAccessPointPolicy"), caller);
  if (!row.policy)
    refuse("NoSuchAccessPointPolicy", "The specified accesspoint policy does not exist");
  return {.policy = row.policy};
}

wire::Empty AccessPoints::delete_policy(const sc::DeleteAccessPointPolicyRequest& request,
                                        const aws::Caller& caller) {
  const ResourceName name = point_of(request, caller, "DeleteAccessPointPolicy");
  database_.write([&](Connection& connection) {
    AccessPointRow row = find_point(connection, name, caller);
    row.policy.reset();
    AccessPointTable(connection).update(row);
  });
  return {};
}

}  // namespace millrace::outposts
