#include "platform/records/log_events.h"

#include <algorithm>
#include <limits>

namespace millrace::records {
namespace {

constexpr const char* kSelectStream =
    "SELECT id, name, created_at, first_event_at, last_event_at, last_ingestion_at, stored_bytes, "
    "next_sequence - 1 "
    "FROM log_streams ";

LogStreamRow stream_of(const Statement& rows) {
  return {.id = rows.integer(0),
          .name = rows.text(1),
          .created_at = rows.time(2),
          .first_event_at = rows.optional_integer(3),
          .last_event_at = rows.optional_integer(4),
          .last_ingestion_at = rows.optional_integer(5),
          .stored_bytes = rows.integer(6),
          .events = rows.integer(7)};
}

std::vector<LogStreamRow> streams_of(Statement& rows) {
  std::vector<LogStreamRow> found;
  while (rows.step()) found.push_back(stream_of(rows));
  return found;
}

}  // namespace

std::optional<std::int64_t> LogTable::insert_group(std::string_view account, std::string_view name,
                                                   Time now) {
  auto rows = connection_.prepare(
      "INSERT INTO log_groups (account, name, created_at) VALUES ($1, $2, $3) "
      "ON CONFLICT (account, name) DO NOTHING RETURNING id");
  if (!rows.bind(account, name, now).step()) return std::nullopt;
  return rows.integer(0);
}

std::optional<std::int64_t> LogTable::find_group(std::string_view account, std::string_view name) {
  auto rows = connection_.prepare("SELECT id FROM log_groups WHERE account = $1 AND name = $2");
  if (!rows.bind(account, name).step()) return std::nullopt;
  return rows.integer(0);
}

std::vector<LogGroupRow> LogTable::list_groups(std::string_view account, std::string_view prefix,
                                               std::string_view part, std::string_view after,
                                               std::int64_t limit) {
  // Prefix and part are compared here: the wildcards of LIKE are legal in names, and groups are
  // few.
  auto rows = connection_.prepare(
      "SELECT g.id, g.name, g.created_at, "
      "(SELECT COALESCE(SUM(s.stored_bytes), 0) FROM log_streams s WHERE s.log_group = g.id) "
      "FROM log_groups g WHERE g.account = $1 AND g.name > $2 AND g.name >= $3 ORDER BY g.name");
  rows.bind(account, after, prefix);
  std::vector<LogGroupRow> found;
  while (static_cast<std::int64_t>(found.size()) < limit && rows.step()) {
    const std::string_view name = rows.view(1);
    if (!name.starts_with(prefix)) break;
    if (name.find(part) == std::string_view::npos) continue;
    found.push_back({.id = rows.integer(0),
                     .name = std::string(name),
                     .created_at = rows.time(2),
                     .stored_bytes = rows.integer(3)});
  }
  return found;
}

void LogTable::erase_group(std::int64_t group) {
  connection_
      .prepare(
          "DELETE FROM log_events WHERE stream IN (SELECT id FROM log_streams WHERE log_group = "
          "$1)")
      .bind(group)
      .run();
  connection_.prepare("DELETE FROM log_streams WHERE log_group = $1").bind(group).run();
  connection_.prepare("DELETE FROM log_groups WHERE id = $1").bind(group).run();
}

std::optional<std::int64_t> LogTable::insert_stream(std::int64_t group, std::string_view name,
                                                    Time now) {
  auto rows = connection_.prepare(
      "INSERT INTO log_streams (log_group, name, created_at, stored_bytes, next_sequence) VALUES "
      "($1, $2, $3, 0, 1) "
      "ON CONFLICT (log_group, name) DO NOTHING RETURNING id");
  if (!rows.bind(group, name, now).step()) return std::nullopt;
  return rows.integer(0);
}

std::optional<LogStreamRow> LogTable::find_stream(std::int64_t group, std::string_view name) {
  auto rows =
      connection_.prepare(std::string(kSelectStream) + "WHERE log_group = $1 AND name = $2");
  if (!rows.bind(group, name).step()) return std::nullopt;
  return stream_of(rows);
}

std::vector<LogStreamRow> LogTable::list_streams(std::int64_t group, std::string_view prefix,
                                                 bool descending,
                                                 const std::optional<std::string>& after,
                                                 std::int64_t limit) {
  // Text compares bytewise, so all names with the prefix lie between it and the prefix followed by
  // U+10FFFF, the last code point, which no name ends with.
  const std::string last = std::string(prefix) + "\xF4\x8F\xBF\xBF";
  std::string sql =
      std::string(kSelectStream) + "WHERE log_group = $1 AND name >= $2 AND name < $3";
  if (after) sql += descending ? " AND name < $4" : " AND name > $4";
  sql += descending ? " ORDER BY name DESC" : " ORDER BY name";
  sql += after ? " LIMIT $5" : " LIMIT $4";
  auto rows = connection_.prepare(sql);
  if (after) {
    rows.bind(group, prefix, last, *after, limit);
  } else {
    rows.bind(group, prefix, last, limit);
  }
  return streams_of(rows);
}

std::vector<LogStreamRow> LogTable::list_streams_by_event(std::int64_t group, bool descending,
                                                          const std::optional<AfterEvent>& after,
                                                          std::int64_t limit) {
  std::string sql = std::string(kSelectStream) + "WHERE log_group = $1";
  const std::string direction = descending ? " DESC" : "";
  if (after)
    sql += std::string(" AND (COALESCE(last_event_at, 0), name) ") + (descending ? "<" : ">") +
           " ($2, $3)";
  sql += " ORDER BY COALESCE(last_event_at, 0)" + direction + ", name" + direction;
  sql += after ? " LIMIT $4" : " LIMIT $2";
  auto rows = connection_.prepare(sql);
  if (after) {
    rows.bind(group, after->last_event_at, after->name, limit);
  } else {
    rows.bind(group, limit);
  }
  return streams_of(rows);
}

void LogTable::erase_stream(std::int64_t stream) {
  connection_.prepare("DELETE FROM log_events WHERE stream = $1").bind(stream).run();
  connection_.prepare("DELETE FROM log_streams WHERE id = $1").bind(stream).run();
}

void LogTable::append(std::int64_t stream, const std::vector<LogEventRow>& events,
                      std::int64_t ingested_at) {
  if (events.empty()) return;
  std::int64_t sequence = 0;
  {
    auto rows = connection_.prepare(
        "UPDATE log_streams SET next_sequence = next_sequence + $1 WHERE id = $2 RETURNING "
        "next_sequence");
    const auto count = static_cast<std::int64_t>(events.size());
    if (!rows.bind(count, stream).step()) return;
    sequence = rows.integer(0) - count;
    while (rows.step()) {
    }
  }
  std::int64_t bytes = 0;
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t last = 0;
  auto insert = connection_.prepare(
      "INSERT INTO log_events (stream, event_at, sequence, ingested_at, message) VALUES ($1, $2, "
      "$3, $4, $5)");
  for (const LogEventRow& event : events) {
    insert.bind(stream, event.position.at, sequence++, ingested_at, event.message).run();
    bytes += static_cast<std::int64_t>(event.message.size());
    first = std::min(first, event.position.at);
    last = std::max(last, event.position.at);
  }
  connection_
      .prepare(
          "UPDATE log_streams SET stored_bytes = stored_bytes + $1, last_ingestion_at = $2, "
          "first_event_at = CASE WHEN first_event_at < $3 THEN first_event_at ELSE $3 END, "
          "last_event_at = CASE WHEN last_event_at > $4 THEN last_event_at ELSE $4 END WHERE id = "
          "$5")
      .bind(bytes, ingested_at, first, last, stream)
      .run();
}

void LogTable::each_from(
    std::int64_t stream, std::int64_t first, std::int64_t limit,
    const std::function<bool(std::int64_t, std::int64_t, std::string_view)>& use) {
  auto rows = connection_.prepare(
      "SELECT sequence, event_at, message FROM log_events WHERE stream = $1 AND sequence >= $2 "
      "ORDER BY sequence LIMIT $3");
  rows.bind(stream, first, limit);
  while (rows.step() && use(rows.integer(0), rows.integer(1), rows.view(2))) {
  }
}

std::vector<LogEventRow> LogTable::read(std::int64_t stream, const LogRange& range, bool from_end,
                                        const Limit& limit) {
  constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
  const LogPosition before = range.before.value_or(LogPosition{kEver, kEver});
  // Both bounds of the clustering key are given as one row value each, so that the scan starts at
  // the first event of the range and ends behind the last one.
  const LogPosition after = std::max(range.after, LogPosition{range.from - 1, kEver});
  auto rows = connection_.prepare(
      std::string(
          "SELECT event_at, sequence, ingested_at, message FROM log_events WHERE stream = $1 "
          "AND (event_at, sequence) > ($2, $3) AND (event_at, sequence) < ($4, $5) AND event_at <= "
          "$6 ") +
      (from_end ? "ORDER BY event_at DESC, sequence DESC" : "ORDER BY event_at, sequence") +
      " LIMIT $7");
  rows.bind(stream, after.at, after.sequence, before.at, before.sequence,
            range.until.value_or(kEver), limit.events);
  std::vector<LogEventRow> events;
  std::int64_t bytes = 0;
  while (rows.step()) {
    bytes += static_cast<std::int64_t>(rows.view(3).size()) + kEventOverhead;
    if (bytes > limit.bytes && !events.empty()) break;
    events.push_back({.position = {.at = rows.integer(0), .sequence = rows.integer(1)},
                      .ingested_at = rows.integer(2),
                      .message = rows.text(3)});
  }
  return events;
}

}  // namespace millrace::records
