#include "platform/records/jobs.h"

#include <limits>

#include "core/base/text.h"

namespace millrace::records {
namespace {

constexpr std::string_view kSummary =
    "account, name, region, status, created_at, modified_at, ended_at, algorithm";

JobSummaryRow summary_of(const Statement& rows) {
  return {.account = rows.text(0),
          .name = rows.text(1),
          .region = rows.text(2),
          .status = rows.text(3),
          .algorithm = rows.text(7),
          .created_at = rows.time(4),
          .modified_at = rows.time(5),
          .ended_at = rows.optional_time(6)};
}

JobRow row_of(const Statement& rows) {
  return {.summary = summary_of(rows), .request = rows.text(8), .state = rows.text(9)};
}

/// Of the index <table>_table, from which all conditions are answered; $1 to $8.
std::string matching(const std::string& table, const std::string& noun, const JobTableQuery& query) {
  std::string sql =
      " FROM " + table + " INDEXED BY " + table + "_table WHERE account = $1 AND created_at >= $2 "
      "AND created_at < $3 AND ($4 = '' OR status = $4) AND ($5 = '' OR algorithm = $5) "
      "AND ($6 = '' OR instr(name_key, $6) > 0)";
  if (!query.tag) return sql + " AND $7 IS NULL AND $8 IS NULL";
  return sql +
         " AND 'arn:aws:sagemaker:' || region || ':' || account || ':" + noun + "/' || name_key IN "
         "(SELECT resource FROM tags WHERE account = $1 AND tag_key = $7 AND "
         "($8 IS NULL OR tag_value = $8))";
}

std::string sort_column(JobTableQuery::Sort sort) {
  switch (sort) {
    case JobTableQuery::Sort::Name:
      return "name_key";
    case JobTableQuery::Sort::Status:
      return "status";
    case JobTableQuery::Sort::Algorithm:
      return "algorithm";
    case JobTableQuery::Sort::ModifiedTime:
      return "modified_at";
    case JobTableQuery::Sort::EndTime:
      return "ended_at";
    case JobTableQuery::Sort::CreationTime:
      break;
  }
  return "created_at";
}

template <class... Rest>
void bind(Statement& rows, const JobTableQuery& query, const Rest&... rest) {
  constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
  std::optional<std::string> key;
  std::optional<std::string> value;
  if (query.tag) {
    key = query.tag->key;
    value = query.tag->value;
  }
  rows.bind(query.account, query.created_after ? to_millis(*query.created_after) : kNever,
            query.created_before ? to_millis(*query.created_before) : kEver, query.status,
            query.algorithm, to_lower(query.name_contains), key, value, rest...);
}

}  // namespace

JobTable::JobTable(Connection& connection, JobKind kind)
    : connection_(connection),
      table_(kind == JobKind::Training ? "training_jobs" : "processing_jobs"),
      noun_(kind == JobKind::Training ? "training-job" : "processing-job") {}

bool JobTable::insert(const JobRow& row) {
  const JobSummaryRow& summary = row.summary;
  return connection_
             .prepare(
                 "INSERT INTO " + table_ + " (account, name_key, name, region, status, created_at, "
                 "modified_at, "
                 "ended_at, request, state, algorithm) "
                 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
                 "ON CONFLICT (account, name_key) DO NOTHING")
             .bind(summary.account, to_lower(summary.name), summary.name, summary.region,
                   summary.status, summary.created_at, summary.modified_at, summary.ended_at,
                   row.request, row.state, summary.algorithm)
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

std::vector<JobRow> JobTable::table(const JobTableQuery& query) {
  // The page's names come from the index alone; only its own rows, which are large, are looked up.
  const std::string direction = query.descending ? " DESC" : "";
  auto names = connection_.prepare("SELECT name_key" + matching(table_, noun_, query) + " ORDER BY " +
                                   sort_column(query.sort) + direction + ", name_key" + direction +
                                   " LIMIT $9 OFFSET $10");
  bind(names, query, query.limit, query.from);
  std::vector<JobRow> found;
  while (names.step()) {
    if (auto row = find(query.account, names.view(0))) found.push_back(*std::move(row));
  }
  return found;
}

std::int64_t JobTable::count(const JobTableQuery& query) {
  auto rows = connection_.prepare("SELECT COUNT(*)" + matching(table_, noun_, query));
  bind(rows, query);
  return rows.step() ? rows.integer(0) : 0;
}

std::vector<JobSummaryRow> JobTable::modified_since(std::string_view account,
                                                                    Time since,
                                                                    std::int64_t limit) {
  auto rows = connection_.prepare(
      "SELECT " + std::string(kSummary) +
      " FROM " + table_ + " WHERE account = $1 AND modified_at > $2 ORDER BY modified_at LIMIT $3");
  rows.bind(account, since, limit);
  std::vector<JobSummaryRow> found;
  while (rows.step()) found.push_back(summary_of(rows));
  return found;
}

std::vector<JobRow> JobTable::running(std::string_view account,
                                                      std::int64_t limit) {
  auto rows = connection_.prepare("SELECT " + std::string(kSummary) +
                                  ", request, state FROM " + table_ + " WHERE account = $1 AND "
                                  "status = 'InProgress' ORDER BY created_at DESC LIMIT $2");
  rows.bind(account, limit);
  std::vector<JobRow> found;
  while (rows.step()) found.push_back(row_of(rows));
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
