#include "platform/outposts/registry.h"

#include <algorithm>

#include "core/base/arn.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/json/json.h"
#include "platform/aws/access.h"
#include "platform/outposts/endpoints.h"
#include "platform/outposts/page.h"
#include "platform/records/outposts.h"

namespace millrace::outposts {
namespace {

namespace control = wire::control;
namespace so = wire::s3outposts;
using records::Connection;
using records::OutpostRow;
using records::OutpostTable;

constexpr std::int64_t kLargestPage = 100;

/// "op-" and 17 digits.
std::string new_id() {
  constexpr std::size_t kBytes = 8;
  return "op-0" + random_hex(kBytes);
}

[[noreturn]] void in_use(const std::string& message) {
  throw Error(Blame::Customer, "ResourceInUse", message);
}

OutpostRow require_outpost(Connection& connection, const std::string& id) {
  std::optional<OutpostRow> row = OutpostTable(connection).find(id);
  if (!row) {
    throw Error(Blame::Customer, "ResourceNotFoundException",
                "Outpost " + id +
                    " is none of this installation's. 'millrace outposts list' shows "
                    "them, 'millrace outposts add " +
                    id + "' adds it.");
  }
  return *std::move(row);
}

std::int64_t endpoints_on(Connection& connection, const std::string& outpost) {
  const auto rows = records::OutpostEndpointTable(connection).list();
  return std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
    return row.outpost == outpost && !endpoint_status(row, now()).empty();
  });
}

std::int64_t buckets_on(Connection& connection, const std::string& outpost) {
  return static_cast<std::int64_t>(records::OutpostBucketTable(connection).list(outpost).size());
}

std::vector<control::OutpostSubnet> subnets_of(const OutpostRow& row) {
  std::vector<control::OutpostSubnet> subnets;
  for (const Json& one : parse_json(row.subnets, "subnets of " + row.id))
    subnets.push_back(one.get<control::OutpostSubnet>());
  return subnets;
}

}  // namespace

Registry::Registry(records::Database& database, std::filesystem::path data_dir)
    : database_(database), data_dir_(std::move(data_dir)) {
  database_.write([](Connection& connection) {
    OutpostTable table(connection);
    if (table.list().empty()) table.insert({.id = new_id(), .created_at = now(), .subnets = "[]"});
  });
}

so::ListOutpostsWithS3Result Registry::list_with_s3(const so::ListOutpostsWithS3Request& request,
                                                    const aws::Caller& caller) {
  aws::require_own_key(caller, "s3-outposts:ListOutpostsWithS3");
  auto page = page_of(
      database_.read([](Connection& connection) { return OutpostTable(connection).list(); }),
      [](const OutpostRow& row) { return row.id; }, request.next_token,
      request.max_results.value_or(0), kLargestPage);
  const auto capacity = static_cast<std::int64_t>(std::filesystem::space(data_dir_).capacity);
  so::ListOutpostsWithS3Result result{.outposts = std::vector<so::Outpost>(),
                                      .next_token = page.next_token};
  for (const OutpostRow& row : page.rows) {
    const auto arn = [&](const char* service, const char* below) {
      return Arn{.service = service,
                 .region = caller.region,
                 .account = caller.account,
                 .resource = "outpost/" + row.id + below}
          .text();
    };
    result.outposts->push_back({.outpost_arn = arn("outposts", ""),
                                .s3_outpost_arn = arn("s3-outposts", "/s3"),
                                .outpost_id = row.id,
                                .owner_id = caller.account,
                                .capacity_in_bytes = capacity});
  }
  return result;
}

control::RegisterOutpostResponse Registry::register_outpost(
    const control::RegisterOutpostRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:RegisterOutpost");
  Json subnets = Json::array();
  for (const control::OutpostSubnet& subnet :
       request.subnets.value_or(std::vector<control::OutpostSubnet>()))
    subnets.push_back(subnet);
  const bool added = database_.write([&](Connection& connection) {
    return OutpostTable(connection)
        .insert({.id = request.outpost_id, .created_at = now(), .subnets = to_text(subnets)});
  });
  if (!added) in_use("There is an Outpost " + request.outpost_id + " already.");
  return {};
}

control::ListRegisteredOutpostsResponse Registry::list(
    const control::ListRegisteredOutpostsRequest& /*request*/, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:ListRegisteredOutposts");
  control::ListRegisteredOutpostsResponse response;
  database_.read([&](Connection& connection) {
    for (const OutpostRow& row : OutpostTable(connection).list()) {
      response.outposts.push_back({.outpost_id = row.id,
                                   .creation_time = row.created_at,
                                   .endpoints = endpoints_on(connection, row.id),
                                   .buckets = buckets_on(connection, row.id),
                                   .subnets = subnets_of(row)});
    }
  });
  return response;
}

control::DeregisterOutpostResponse Registry::deregister_outpost(
    const control::DeregisterOutpostRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:DeregisterOutpost");
  database_.write([&](Connection& connection) {
    require_outpost(connection, request.outpost_id);
    const std::int64_t endpoints = endpoints_on(connection, request.outpost_id);
    const std::int64_t buckets = buckets_on(connection, request.outpost_id);
    if (endpoints > 0 || buckets > 0) {
      in_use("Outpost " + request.outpost_id + " has " + std::to_string(buckets) + " buckets and " +
             std::to_string(endpoints) + " endpoints. Delete them first.");
    }
    records::OutpostEndpointTable(connection).erase_deleted_before(now() - kSettling);
    OutpostTable table(connection);
    if (table.list().size() == 1)
      in_use(request.outpost_id + " is the only Outpost. Add another one first.");
    table.erase(request.outpost_id);
  });
  return {};
}

std::optional<std::string> vpc_of_subnet(Connection& connection, const std::string& outpost,
                                         const std::string& subnet) {
  const auto subnets = subnets_of(require_outpost(connection, outpost));
  if (subnets.empty()) return "vpc" + subnet.substr(subnet.find('-'));
  const auto found = std::find_if(subnets.begin(), subnets.end(),
                                  [&](const auto& one) { return one.subnet_id == subnet; });
  if (found == subnets.end()) return std::nullopt;
  return found->vpc_id;
}

}  // namespace millrace::outposts
