#include "platform/records/training_jobs.h"

#include <limits>

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

/// A pattern that matches text containing `part`, for LIKE ... ESCAPE '!'.
std::string containing(std::string_view part) {
  std::string pattern = "%";
  for (const char c : to_lower(part)) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + "%";
}

std::string_view sort_column(TrainingJobQuery::Sort sort) {
  switch (sort) {
    case TrainingJobQuery::Sort::Name:
      return "name_key";
    case TrainingJobQuery::Sort::Status:
      return "status";
    case TrainingJobQuery::Sort::CreationTime:
      break;
  }
  return "created_at";
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

std::vector<TrainingJobSummaryRow> TrainingJobTable::list(const TrainingJobQuery& query) {
  constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
  const auto bound = [](const std::optional<Time>& time, std::int64_t open) {
    return time ? to_millis(*time) : open;
  };
  const std::string column(sort_column(query.sort));
  const std::string direction = query.descending ? " DESC" : "";
  std::string sql = "SELECT " + std::string(kSummary) +
                    " FROM training_jobs WHERE account = $1 AND name_key LIKE $2 ESCAPE '!' "
                    "AND ($3 = '' OR status = $3) AND created_at > $4 AND created_at < $5 "
                    "AND modified_at > $6 AND modified_at < $7";
  if (query.after)
    sql += " AND (" + column + ", name_key) " + (query.descending ? "<" : ">") + " ($8, $9)";
  sql += " ORDER BY " + column + direction;
  if (query.sort != TrainingJobQuery::Sort::Name) sql += ", name_key" + direction;
  sql += query.after ? " LIMIT $10" : " LIMIT $8";

  auto rows = connection_.prepare(sql);
  const auto bind = [&](const auto&... rest) {
    rows.bind(query.account, containing(query.name_contains), query.status,
              bound(query.created_after, kNever), bound(query.created_before, kEver),
              bound(query.modified_after, kNever), bound(query.modified_before, kEver), rest...);
  };
  if (!query.after) {
    bind(query.limit);
  } else if (query.sort == TrainingJobQuery::Sort::CreationTime) {
    bind(parse_int(query.after->value).value_or(0), query.after->name_key, query.limit);
  } else {
    bind(query.after->value, query.after->name_key, query.limit);
  }
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
