#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

struct OutpostRow {
  std::string id;
  Time created_at{};
  std::string subnets;  ///< JSON
};

/// The Outposts of this installation.
class OutpostTable {
 public:
  explicit OutpostTable(Connection& connection) : connection_(connection) {}

  /// False when the id is taken.
  bool insert(const OutpostRow& row);
  std::optional<OutpostRow> find(std::string_view id);
  /// All, by id.
  std::vector<OutpostRow> list();
  void erase(std::string_view id);

 private:
  Connection& connection_;
};

struct OutpostEndpointRow {
  std::string id;
  std::string account;
  std::string outpost;
  std::string region;
  std::string vpc;
  std::string subnet;
  std::string security_group;
  std::string access_type;
  std::optional<std::string> address_pool;
  Time created_at{};
  std::optional<Time> deleted_at;
};

class OutpostEndpointTable {
 public:
  explicit OutpostEndpointTable(Connection& connection) : connection_(connection) {}

  void insert(const OutpostEndpointRow& row);
  std::optional<OutpostEndpointRow> find(std::string_view id);
  /// All of every Outpost, by id.
  std::vector<OutpostEndpointRow> list();
  void mark_deleted(std::string_view id, Time at);
  void erase_deleted_before(Time at);

 private:
  Connection& connection_;
};

struct OutpostBucketRow {
  std::string outpost;
  std::string name;
  std::string account;
  std::string region;
  Time created_at{};
  std::optional<std::string> policy;
  std::optional<std::string> tags;  ///< JSON

  /// What the store calls it.
  [[nodiscard]] std::string store_name() const { return outpost + ":" + name; }
};

class OutpostBucketTable {
 public:
  explicit OutpostBucketTable(Connection& connection) : connection_(connection) {}

  /// False when the Outpost has a bucket of that name.
  bool insert(const OutpostBucketRow& row);
  std::optional<OutpostBucketRow> find(std::string_view outpost, std::string_view name);
  /// Of every Outpost, or of one; by Outpost and name.
  std::vector<OutpostBucketRow> list(std::string_view outpost = {});
  /// Writes policy and tags.
  void update(const OutpostBucketRow& row);
  void erase(std::string_view outpost, std::string_view name);

 private:
  Connection& connection_;
};

struct AccessPointRow {
  std::string outpost;
  std::string name;
  std::string bucket;  ///< its name on the Outpost
  std::string account;
  std::string region;
  std::string vpc;
  std::string alias;
  Time created_at{};
  std::optional<std::string> policy;

  [[nodiscard]] std::string store_name() const { return outpost + ":" + bucket; }
};

class AccessPointTable {
 public:
  explicit AccessPointTable(Connection& connection) : connection_(connection) {}

  /// False when the Outpost has an access point of that name.
  bool insert(const AccessPointRow& row);
  std::optional<AccessPointRow> find(std::string_view outpost, std::string_view name);
  /// By its alias or its ARN, whose region may be left out.
  std::optional<AccessPointRow> find_named(std::string_view alias_or_arn);
  /// Of every Outpost; by Outpost and name.
  std::vector<AccessPointRow> list();
  /// Writes the policy.
  void update(const AccessPointRow& row);
  void erase(std::string_view outpost, std::string_view name);

 private:
  Connection& connection_;
};

/// The store's name of what a client calls a bucket: the bucket behind an access point's alias or
/// ARN, any other name as it is. Empty when there is no such access point, and for a name that only
/// the store may use.
std::string store_bucket(Connection& connection, std::string_view name);

}  // namespace millrace::records
