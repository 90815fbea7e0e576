#include "platform/records/buckets.h"

namespace millrace::records {
namespace {

BucketRow row_of(const Statement& rows) {
  return {.name = rows.text(0),
          .account = rows.text(1),
          .region = rows.text(2),
          .created_at = rows.time(3)};
}

}  // namespace

bool BucketTable::insert(const BucketRow& row) {
  return connection_
             .prepare(
                 "INSERT INTO buckets (name, account, region, created_at) VALUES ($1, $2, $3, $4) "
                 "ON CONFLICT DO NOTHING")
             .bind(row.name, row.account, row.region, row.created_at)
             .run() == 1;
}

std::optional<BucketRow> BucketTable::find(std::string_view name) {
  auto rows =
      connection_.prepare("SELECT name, account, region, created_at FROM buckets WHERE name = $1");
  if (!rows.bind(name).step()) return std::nullopt;
  return row_of(rows);
}

std::vector<BucketRow> BucketTable::of_account(std::string_view account) {
  auto rows = connection_.prepare(
      "SELECT name, account, region, created_at FROM buckets WHERE account = $1 "
      "AND instr(name, ':') = 0 ORDER BY name");
  rows.bind(account);
  std::vector<BucketRow> found;
  while (rows.step()) found.push_back(row_of(rows));
  return found;
}

void BucketTable::erase(std::string_view name) {
  connection_.prepare("DELETE FROM buckets WHERE name = $1").bind(name).run();
}

}  // namespace millrace::records
