#include "platform/records/outposts.h"

#include "core/base/access_point.h"

namespace millrace::records {
namespace {

constexpr const char* kSelectEndpoints =
    "SELECT id, account, outpost, region, vpc, subnet, security_group, access_type, address_pool, "
    "created_at, deleted_at FROM outpost_endpoints ";
constexpr const char* kSelectBuckets =
    "SELECT outpost, name, account, region, created_at, policy, tags FROM outpost_buckets ";
constexpr const char* kSelectAccessPoints =
    "SELECT outpost, name, bucket, account, region, vpc, alias, created_at, policy "
    "FROM access_points ";

OutpostRow outpost_of(const Statement& rows) {
  return {.id = rows.text(0), .created_at = rows.time(1), .subnets = rows.text(2)};
}

OutpostEndpointRow endpoint_of(const Statement& rows) {
  return {.id = rows.text(0),
          .account = rows.text(1),
          .outpost = rows.text(2),
          .region = rows.text(3),
          .vpc = rows.text(4),
          .subnet = rows.text(5),
          .security_group = rows.text(6),
          .access_type = rows.text(7),
          .address_pool = rows.optional_text(8),
          .created_at = rows.time(9),
          .deleted_at = rows.optional_time(10)};
}

OutpostBucketRow bucket_of(const Statement& rows) {
  return {.outpost = rows.text(0),
          .name = rows.text(1),
          .account = rows.text(2),
          .region = rows.text(3),
          .created_at = rows.time(4),
          .policy = rows.optional_text(5),
          .tags = rows.optional_text(6)};
}

AccessPointRow access_point_of(const Statement& rows) {
  return {.outpost = rows.text(0),
          .name = rows.text(1),
          .bucket = rows.text(2),
          .account = rows.text(3),
          .region = rows.text(4),
          .vpc = rows.text(5),
          .alias = rows.text(6),
          .created_at = rows.time(7),
          .policy = rows.optional_text(8)};
}

template <class Read>
auto all_of(Statement& rows, Read read) {
  std::vector<decltype(read(rows))> found;
  while (rows.step()) found.push_back(read(rows));
  return found;
}

}  // namespace

bool OutpostTable::insert(const OutpostRow& row) {
  return connection_
             .prepare(
                 "INSERT INTO outposts (id, created_at, subnets) VALUES ($1, $2, $3) "
                 "ON CONFLICT DO NOTHING")
             .bind(row.id, row.created_at, row.subnets)
             .run() == 1;
}

std::optional<OutpostRow> OutpostTable::find(std::string_view id) {
  auto rows = connection_.prepare("SELECT id, created_at, subnets FROM outposts WHERE id = $1");
  if (!rows.bind(id).step()) return std::nullopt;
  return outpost_of(rows);
}

std::vector<OutpostRow> OutpostTable::list() {
  auto rows = connection_.prepare("SELECT id, created_at, subnets FROM outposts ORDER BY id");
  return all_of(rows, outpost_of);
}

void OutpostTable::erase(std::string_view id) {
  connection_.prepare("DELETE FROM outposts WHERE id = $1").bind(id).run();
}

void OutpostEndpointTable::insert(const OutpostEndpointRow& row) {
  connection_
      .prepare(
          "INSERT INTO outpost_endpoints (id, account, outpost, region, vpc, subnet, "
          "security_group, access_type, address_pool, created_at, deleted_at) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
      .bind(row.id, row.account, row.outpost, row.region, row.vpc, row.subnet, row.security_group,
            row.access_type, row.address_pool, row.created_at, row.deleted_at)
      .run();
}

std::optional<OutpostEndpointRow> OutpostEndpointTable::find(std::string_view id) {
  auto rows = connection_.prepare(std::string(kSelectEndpoints) + "WHERE id = $1");
  if (!rows.bind(id).step()) return std::nullopt;
  return endpoint_of(rows);
}

std::vector<OutpostEndpointRow> OutpostEndpointTable::list() {
  auto rows = connection_.prepare(std::string(kSelectEndpoints) + "ORDER BY id");
  return all_of(rows, endpoint_of);
}

void OutpostEndpointTable::mark_deleted(std::string_view id, Time at) {
  connection_.prepare("UPDATE outpost_endpoints SET deleted_at = $1 WHERE id = $2")
      .bind(at, id)
      .run();
}

void OutpostEndpointTable::erase_deleted_before(Time at) {
  connection_.prepare("DELETE FROM outpost_endpoints WHERE deleted_at < $1").bind(at).run();
}

bool OutpostBucketTable::insert(const OutpostBucketRow& row) {
  return connection_
             .prepare(
                 "INSERT INTO outpost_buckets (outpost, name, account, region, created_at, policy, "
                 "tags) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING")
             .bind(row.outpost, row.name, row.account, row.region, row.created_at, row.policy,
                   row.tags)
             .run() == 1;
}

std::optional<OutpostBucketRow> OutpostBucketTable::find(std::string_view outpost,
                                                         std::string_view name) {
  auto rows = connection_.prepare(std::string(kSelectBuckets) + "WHERE outpost = $1 AND name = $2");
  if (!rows.bind(outpost, name).step()) return std::nullopt;
  return bucket_of(rows);
}

std::vector<OutpostBucketRow> OutpostBucketTable::list(std::string_view outpost) {
  auto rows = connection_.prepare(std::string(kSelectBuckets) +
                                  "WHERE $1 = '' OR outpost = $1 ORDER BY outpost, name");
  rows.bind(outpost);
  return all_of(rows, bucket_of);
}

void OutpostBucketTable::update(const OutpostBucketRow& row) {
  connection_
      .prepare("UPDATE outpost_buckets SET policy = $1, tags = $2 WHERE outpost = $3 AND name = $4")
      .bind(row.policy, row.tags, row.outpost, row.name)
      .run();
}

void OutpostBucketTable::erase(std::string_view outpost, std::string_view name) {
  connection_.prepare("DELETE FROM outpost_buckets WHERE outpost = $1 AND name = $2")
      .bind(outpost, name)
      .run();
}

bool AccessPointTable::insert(const AccessPointRow& row) {
  return connection_
             .prepare(
                 "INSERT INTO access_points (outpost, name, bucket, account, region, vpc, alias, "
                 "created_at, policy) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
                 "ON CONFLICT (outpost, name) DO NOTHING")
             .bind(row.outpost, row.name, row.bucket, row.account, row.region, row.vpc, row.alias,
                   row.created_at, row.policy)
             .run() == 1;
}

std::optional<AccessPointRow> AccessPointTable::find(std::string_view outpost,
                                                     std::string_view name) {
  auto rows =
      connection_.prepare(std::string(kSelectAccessPoints) + "WHERE outpost = $1 AND name = $2");
  if (!rows.bind(outpost, name).step()) return std::nullopt;
  return access_point_of(rows);
}

std::optional<AccessPointRow> AccessPointTable::find_named(std::string_view alias_or_arn) {
  if (const auto arn = parse_access_point_arn(alias_or_arn)) {
    auto row = find(arn->outpost, arn->name);
    const bool other = row && (row->account != arn->account ||
                               (!arn->region.empty() && row->region != arn->region));
    return other ? std::nullopt : row;
  }
  auto rows = connection_.prepare(std::string(kSelectAccessPoints) + "WHERE alias = $1");
  if (!rows.bind(alias_or_arn).step()) return std::nullopt;
  return access_point_of(rows);
}

std::vector<AccessPointRow> AccessPointTable::list() {
  auto rows = connection_.prepare(std::string(kSelectAccessPoints) + "ORDER BY outpost, name");
  return all_of(rows, access_point_of);
}

void AccessPointTable::update(const AccessPointRow& row) {
  connection_.prepare("UPDATE access_points SET policy = $1 WHERE outpost = $2 AND name = $3")
      .bind(row.policy, row.outpost, row.name)
      .run();
}

void AccessPointTable::erase(std::string_view outpost, std::string_view name) {
  connection_.prepare("DELETE FROM access_points WHERE outpost = $1 AND name = $2")
      .bind(outpost, name)
      .run();
}

std::string store_bucket(Connection& connection, std::string_view name) {
  if (is_access_point_alias(name) || parse_access_point_arn(name)) {
    const auto row = AccessPointTable(connection).find_named(name);
    return row ? row->store_name() : std::string();
  }
  return name.find(':') == std::string_view::npos ? std::string(name) : std::string();
}

}  // namespace millrace::records
