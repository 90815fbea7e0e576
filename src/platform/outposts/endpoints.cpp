#include "platform/outposts/endpoints.h"

#include <algorithm>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "platform/aws/refuse.h"
#include "platform/outposts/page.h"
#include "platform/outposts/registry.h"
#include "platform/outposts/resource_names.h"

namespace millrace::outposts {
namespace {

namespace so = wire::s3outposts;
using records::Connection;
using records::OutpostEndpointRow;
using records::OutpostEndpointTable;

// https://docs.aws.amazon.com/AmazonS3/latest/s3-outposts/S3OutpostsRestrictionsLimitations.html
constexpr std::size_t kMostOfOutpost = 100;
constexpr std::int64_t kLargestPage = 100;

/// 19 letters or digits.
std::string new_id() {
  constexpr std::size_t kDigits = 19;
  return random_hex(kDigits / 2 + 1).substr(0, kDigits);
}

[[noreturn]] void conflict(const std::string& message) {
  throw Error(Blame::Customer, "ConflictException", message);
}

void check_pool(const so::CreateEndpointRequest& request) {
  const bool customer_owned =
      request.access_type.value_or("") == so::EndpointAccessType::CustomerOwnedIp;
  if (customer_owned && !request.customer_owned_ipv4_pool) {
    aws::refuse({.where = "CustomerOwnedIpv4Pool",
                 .given = "nothing",
                 .expected = "the id of a pool of addresses, as AccessType CustomerOwnedIp needs",
                 .fix = "Name one (ipv4pool-coip-...), or leave AccessType out."});
  }
  if (!customer_owned && request.customer_owned_ipv4_pool) {
    aws::refuse({.where = "CustomerOwnedIpv4Pool",
                 .given = *request.customer_owned_ipv4_pool,
                 .expected = "no pool, since AccessType is not CustomerOwnedIp",
                 .fix = "Set AccessType to CustomerOwnedIp, or leave the pool out."});
  }
}

/// Those of an Outpost that are not being deleted.
std::vector<OutpostEndpointRow> live_endpoints(Connection& connection, const std::string& outpost) {
  std::vector<OutpostEndpointRow> rows = OutpostEndpointTable(connection).list();
  std::erase_if(rows, [&](const OutpostEndpointRow& row) {
    return row.outpost != outpost || row.deleted_at;
  });
  return rows;
}

so::Endpoint shown(const OutpostEndpointRow& row, const std::string& status) {
  return {.endpoint_arn = outposts_arn(row.region, row.account, row.outpost, "endpoint", row.id),
          .outposts_id = row.outpost,
          .status = status,
          .creation_time = row.created_at,
          .network_interfaces = std::vector<so::NetworkInterface>(),
          .vpc_id = row.vpc,
          .subnet_id = row.subnet,
          .security_group_id = row.security_group,
          .access_type = row.access_type,
          .customer_owned_ipv4_pool = row.address_pool};
}

struct Listed {
  std::vector<so::Endpoint> endpoints;
  std::optional<std::string> next_token;
};

/// Of one Outpost, or of all where it is empty.
Listed list_endpoints(records::Database& database, const aws::Caller& caller,
                      const std::string& outpost, const std::optional<std::string>& token,
                      const std::optional<std::int64_t>& size) {
  const Time at = now();
  std::vector<OutpostEndpointRow> rows =
      database.read([](Connection& connection) { return OutpostEndpointTable(connection).list(); });
  std::erase_if(rows, [&](const OutpostEndpointRow& row) {
    return row.account != caller.account || (!outpost.empty() && row.outpost != outpost) ||
           endpoint_status(row, at).empty();
  });
  auto page = page_of(
      std::move(rows), [](const OutpostEndpointRow& row) { return row.id; }, token,
      size.value_or(0), kLargestPage);
  Listed listed{.endpoints = {}, .next_token = page.next_token};
  for (const OutpostEndpointRow& row : page.rows)
    listed.endpoints.push_back(shown(row, endpoint_status(row, at)));
  return listed;
}

/// Whether the endpoint is the only one through which access points are reached: those of its VPC,
/// or, where no subnets are registered and so no VPC is really known, those of its Outpost.
bool is_needed(Connection& connection, const OutpostEndpointRow& endpoint) {
  const auto others = live_endpoints(connection, endpoint.outpost);
  const auto points = records::AccessPointTable(connection).list();
  const bool known =
      records::OutpostTable(connection).find(endpoint.outpost).value().subnets != "[]";
  const bool has_points = std::any_of(points.begin(), points.end(), [&](const auto& point) {
    return point.outpost == endpoint.outpost && (!known || point.vpc == endpoint.vpc);
  });
  const bool has_others = std::any_of(others.begin(), others.end(), [&](const auto& other) {
    return other.id != endpoint.id && (!known || other.vpc == endpoint.vpc);
  });
  return has_points && !has_others;
}

}  // namespace

std::string endpoint_status(const OutpostEndpointRow& row, Time at) {
  if (row.deleted_at) return at < *row.deleted_at + kSettling ? so::EndpointStatus::Deleting : "";
  return at < row.created_at + kSettling ? so::EndpointStatus::Pending
                                         : so::EndpointStatus::Available;
}

so::CreateEndpointResult Endpoints::create(const so::CreateEndpointRequest& request,
                                           const aws::Caller& caller) {
  require_owner(std::nullopt, caller, "CreateEndpoint");
  check_pool(request);
  OutpostEndpointRow row{
      .id = new_id(),
      .account = caller.account,
      .outpost = request.outpost_id,
      .region = caller.region,
      .vpc = {},
      .subnet = request.subnet_id,
      .security_group = request.security_group_id,
      .access_type = request.access_type.value_or(so::EndpointAccessType::Private),
      .address_pool = request.customer_owned_ipv4_pool,
      .created_at = now(),
      .deleted_at = {}};
  database_.write([&](Connection& connection) {
    OutpostEndpointTable table(connection);
    table.erase_deleted_before(row.created_at - kSettling);
    const auto vpc = vpc_of_subnet(connection, row.outpost, row.subnet);
    if (!vpc) {
      aws::refuse({.where = "SubnetId",
                   .given = row.subnet,
                   .expected = "a subnet that is registered with Outpost " + row.outpost,
                   .fix = "'millrace outposts list' shows them."});
    }
    row.vpc = *vpc;
    const auto others = live_endpoints(connection, row.outpost);
    const auto same = std::find_if(others.begin(), others.end(),
                                   [&](const auto& other) { return other.vpc == row.vpc; });
    if (same != others.end()) {
      conflict("VPC " + row.vpc + " has the endpoint " + same->id + " on Outpost " + row.outpost +
               " already; it can have one. Delete that one first, or use it.");
    }
    if (others.size() == kMostOfOutpost)
      conflict("Outpost " + row.outpost + " has " + std::to_string(kMostOfOutpost) +
               " endpoints already, which is the most.");
    table.insert(row);
  });
  return {.endpoint_arn = outposts_arn(row.region, row.account, row.outpost, "endpoint", row.id)};
}

so::ListEndpointsResult Endpoints::list(const so::ListEndpointsRequest& request,
                                        const aws::Caller& caller) {
  require_owner(std::nullopt, caller, "ListEndpoints");
  Listed listed = list_endpoints(database_, caller, {}, request.next_token, request.max_results);
  return {.endpoints = std::move(listed.endpoints), .next_token = std::move(listed.next_token)};
}

so::ListSharedEndpointsResult Endpoints::list_shared(const so::ListSharedEndpointsRequest& request,
                                                     const aws::Caller& caller) {
  require_owner(std::nullopt, caller, "ListSharedEndpoints");
  Listed listed = list_endpoints(database_, caller, request.outpost_id, request.next_token,
                                 request.max_results);
  return {.endpoints = std::move(listed.endpoints), .next_token = std::move(listed.next_token)};
}

wire::Empty Endpoints::remove(const so::DeleteEndpointRequest& request, const aws::Caller& caller) {
  require_owner(std::nullopt, caller, "DeleteEndpoint");
  database_.write([&](Connection& connection) {
    OutpostEndpointTable table(connection);
    const auto row = table.find(request.endpoint_id);
    if (!row || row->deleted_at || row->account != caller.account ||
        row->outpost != request.outpost_id) {
      throw Error(Blame::Customer, "ResourceNotFoundException",
                  "Endpoint " + request.endpoint_id + " of Outpost " + request.outpost_id +
                      " does not exist.");
    }
    if (is_needed(connection, *row)) {
      conflict("Endpoint " + row->id + " is in use: access points on Outpost " + row->outpost +
               " are reached through no other. Delete the access points first.");
    }
    table.mark_deleted(row->id, now());
  });
  return {};
}

}  // namespace millrace::outposts
