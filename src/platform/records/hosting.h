#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"
#include "platform/records/listing.h"

namespace millrace::records {

/// What hosting keeps under names; each kind has a table of its own.
enum class HostingKind { Model, EndpointConfig, Endpoint, TransformJob };

struct HostingRow {
  std::string account;
  std::string name;  ///< as given; unique in its account and kind without regard to case
  std::string region;
  std::string status;  ///< of an endpoint or a transform job; empty otherwise
  Time created_at{};
  Time modified_at{};
  std::string document;  ///< JSON
};

class HostingTable {
 public:
  HostingTable(Connection& connection, HostingKind kind);

  /// False when the name is taken.
  bool insert(const HostingRow& row);
  std::optional<HostingRow> find(std::string_view account, std::string_view name);
  /// Writes status, modified_at and document.
  void update(const HostingRow& row);
  /// False when there was none.
  bool erase(std::string_view account, std::string_view name);
  std::vector<HostingRow> list(const ListingQuery& query);
  /// Of every account.
  std::vector<HostingRow> all();
  /// Of every account, those in this status.
  std::vector<HostingRow> in_status(std::string_view status);

 private:
  Connection& connection_;
  std::string table_;
};

}  // namespace millrace::records
