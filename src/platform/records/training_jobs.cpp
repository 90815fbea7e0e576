#include "platform/records/training_jobs.h"

#include "core/base/text.h"

namespace millrace::records {
namespace {

constexpr std::string_view kSummary =
    "account, name, region, status, created_at, modified_at, ended_at";

TrainingJobSummaryRow summary_of(const Statement& rows) {
  return {.account = rows.text(0),
          .name = rows.text(1),
          .region = rows.text(2),
          .status = rows.text(3),
          .created_at = rows.time(4),
          .modified_at = rows.time(5),
          .ended_at = rows.optional_time(6)};
}

TrainingJobRow row_of(const Statement& rows) {
  return {.summary = summary_of(rows), .request = rows.text(7), .state = rows.text(8)};
}

}  // namespace

bool TrainingJobTable::insert(const TrainingJobRow& row) {
  const TrainingJobSummaryRow& summary = row.summary;
  return connection_
             .prepare(
                 "INSERT INTO training_jobs (account, name_key, name, region, status, created_at, "
                 "modified_at, "
                 "ended_at, request, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
                 "ON CONFLICT (account, name_key) DO NOTHING")
             .bind(summary.account, to_lower(summary.name), summary.name, summary.region,
                   summary.status, summary.created_at, summary.modified_at, summary.ended_at,
                   row.request, row.state)
             .run() == 1;
}

std::optional<TrainingJobRow> TrainingJobTable::find(std::string_view account,
                                                     std::string_view name) {
  auto rows = connection_.prepare(
      "SELECT " + std::string(kSummary) +
      ", request, state FROM training_jobs WHERE account = $1 AND name_key = $2");
  if (!rows.bind(account, to_lower(name)).step()) return std::nullopt;
  return row_of(rows);
}

void TrainingJobTable::update(const TrainingJobRow& row) {
  const TrainingJobSummaryRow& summary = row.summary;
  connection_
      .prepare(
          "UPDATE training_jobs SET status = $1, modified_at = $2, ended_at = $3, state = $4 "
          "WHERE account = $5 AND name_key = $6")
      .bind(summary.status, summary.modified_at, summary.ended_at, row.state, summary.account,
            to_lower(summary.name))
      .run();
}

std::vector<TrainingJobSummaryRow> TrainingJobTable::list(const ListingQuery& query) {
  auto rows = select_listed(connection_, kSummary, "training_jobs", query);
  std::vector<TrainingJobSummaryRow> found;
  while (rows.step()) found.push_back(summary_of(rows));
  return found;
}

std::vector<TrainingJobRow> TrainingJobTable::unfinished() {
  auto rows = connection_.prepare(
      "SELECT " + std::string(kSummary) +
      ", request, state FROM training_jobs WHERE status IN ('InProgress', 'Stopping') "
      "ORDER BY created_at, name_key");
  std::vector<TrainingJobRow> found;
  while (rows.step()) found.push_back(row_of(rows));
  return found;
}

}  // namespace millrace::records
