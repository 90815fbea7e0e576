#include "platform/records/jobs.h"

#include "core/base/text.h"

namespace millrace::records {
namespace {

constexpr std::string_view kSummary =
    "account, name, region, status, created_at, modified_at, ended_at";

JobSummaryRow summary_of(const Statement& rows) {
  return {.account = rows.text(0),
          .name = rows.text(1),
          .region = rows.text(2),
          .status = rows.text(3),
          .created_at = rows.time(4),
          .modified_at = rows.time(5),
          .ended_at = rows.optional_time(6)};
}

JobRow row_of(const Statement& rows) {
  return {.summary = summary_of(rows), .request = rows.text(7), .state = rows.text(8)};
}

}  // namespace

JobTable::JobTable(Connection& connection, JobKind kind)
    : connection_(connection),
      table_(kind == JobKind::Training ? "training_jobs" : "processing_jobs") {}

bool JobTable::insert(const JobRow& row) {
  const JobSummaryRow& summary = row.summary;
  return connection_
             .prepare(
                 "INSERT INTO " + table_ + " (account, name_key, name, region, status, created_at, "
                 "modified_at, "
                 "ended_at, request, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
                 "ON CONFLICT (account, name_key) DO NOTHING")
             .bind(summary.account, to_lower(summary.name), summary.name, summary.region,
                   summary.status, summary.created_at, summary.modified_at, summary.ended_at,
                   row.request, row.state)
             .run() == 1;
}

std::optional<JobRow> JobTable::find(std::string_view account,
                                                     std::string_view name) {
  auto rows = connection_.prepare(
      "SELECT " + std::string(kSummary) +
      ", request, state FROM " + table_ + " WHERE account = $1 AND name_key = $2");
  if (!rows.bind(account, to_lower(name)).step()) return std::nullopt;
  return row_of(rows);
}

void JobTable::update(const JobRow& row) {
  const JobSummaryRow& summary = row.summary;
  connection_
      .prepare(
          "UPDATE " + table_ + " SET status = $1, modified_at = $2, ended_at = $3, state = $4 "
          "WHERE account = $5 AND name_key = $6")
      .bind(summary.status, summary.modified_at, summary.ended_at, row.state, summary.account,
            to_lower(summary.name))
      .run();
}

std::vector<JobSummaryRow> JobTable::list(const ListingQuery& query) {
  auto rows = select_listed(connection_, kSummary, table_, query);
  std::vector<JobSummaryRow> found;
  while (rows.step()) found.push_back(summary_of(rows));
  return found;
}

std::vector<JobRow> JobTable::unfinished() {
  auto rows = connection_.prepare(
      "SELECT " + std::string(kSummary) +
      ", request, state FROM " + table_ + " WHERE status IN ('InProgress', 'Stopping') "
      "ORDER BY created_at, name_key");
  std::vector<JobRow> found;
  while (rows.step()) found.push_back(row_of(rows));
  return found;
}

}  // namespace millrace::records
