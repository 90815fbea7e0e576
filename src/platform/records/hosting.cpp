#include "platform/records/hosting.h"

#include "core/base/text.h"

namespace millrace::records {
namespace {

constexpr std::string_view kColumns =
    "account, name, region, status, created_at, modified_at, document";

HostingRow row_of(const Statement& rows) {
  return {.account = rows.text(0),
          .name = rows.text(1),
          .region = rows.text(2),
          .status = rows.text(3),
          .created_at = rows.time(4),
          .modified_at = rows.time(5),
          .document = rows.text(6)};
}

std::vector<HostingRow> rows_of(Statement rows) {
  std::vector<HostingRow> found;
  while (rows.step()) found.push_back(row_of(rows));
  return found;
}

const char* table_of(HostingKind kind) {
  switch (kind) {
    case HostingKind::Model:
      return "models";
    case HostingKind::EndpointConfig:
      return "endpoint_configs";
    case HostingKind::TransformJob:
      return "transform_jobs";
    case HostingKind::Endpoint:
      break;
  }
  return "endpoints";
}

}  // namespace

HostingTable::HostingTable(Connection& connection, HostingKind kind)
    : connection_(connection), table_(table_of(kind)) {}

bool HostingTable::insert(const HostingRow& row) {
  return connection_
             .prepare("INSERT INTO " + table_ +
                      " (account, name_key, name, region, status, created_at, modified_at, "
                      "document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                      "ON CONFLICT (account, name_key) DO NOTHING")
             .bind(row.account, to_lower(row.name), row.name, row.region, row.status,
                   row.created_at, row.modified_at, row.document)
             .run() == 1;
}

std::optional<HostingRow> HostingTable::find(std::string_view account, std::string_view name) {
  auto rows = connection_.prepare("SELECT " + std::string(kColumns) + " FROM " + table_ +
                                  " WHERE account = $1 AND name_key = $2");
  if (!rows.bind(account, to_lower(name)).step()) return std::nullopt;
  return row_of(rows);
}

void HostingTable::update(const HostingRow& row) {
  connection_
      .prepare("UPDATE " + table_ +
               " SET status = $1, modified_at = $2, document = $3 "
               "WHERE account = $4 AND name_key = $5")
      .bind(row.status, row.modified_at, row.document, row.account, to_lower(row.name))
      .run();
}

bool HostingTable::erase(std::string_view account, std::string_view name) {
  return connection_.prepare("DELETE FROM " + table_ + " WHERE account = $1 AND name_key = $2")
             .bind(account, to_lower(name))
             .run() == 1;
}

std::vector<HostingRow> HostingTable::list(const ListingQuery& query) {
  return rows_of(select_listed(connection_, kColumns, table_, query));
}

std::vector<HostingRow> HostingTable::all() {
  return rows_of(connection_.prepare("SELECT " + std::string(kColumns) + " FROM " + table_ +
                                     " ORDER BY account, name_key"));
}

std::vector<HostingRow> HostingTable::in_status(std::string_view status) {
  auto rows = connection_.prepare("SELECT " + std::string(kColumns) + " FROM " + table_ +
                                  " WHERE status = $1 ORDER BY account, name_key");
  rows.bind(status);
  return rows_of(std::move(rows));
}

}  // namespace millrace::records
