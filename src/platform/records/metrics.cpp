#include "platform/records/metrics.h"

namespace millrace::records {
namespace {

constexpr const char* kSelect =
    "SELECT id, account, namespace, name, dimensions, unit, last_at, next_sequence FROM metrics ";

std::vector<MetricRow> rows_of(Statement& rows) {
  std::vector<MetricRow> found;
  while (rows.step()) {
    found.push_back({.id = rows.integer(0),
                     .key = {.account = rows.text(1),
                             .name_space = rows.text(2),
                             .name = rows.text(3),
                             .dimensions = rows.text(4),
                             .unit = rows.text(5)},
                     .last_at = rows.time(6),
                     .points = rows.integer(7)});
  }
  return found;
}

MetricPoint point_of(const Statement& rows) {
  return {.at = rows.integer(0),
          .samples = rows.real(1),
          .total = rows.real(2),
          .minimum = rows.real(3),
          .maximum = rows.real(4)};
}

std::vector<SampleCount> counts_of(Statement& rows) {
  std::vector<SampleCount> found;
  while (rows.step())
    found.push_back({.at = rows.integer(0), .value = rows.real(1), .samples = rows.real(2)});
  return found;
}

}  // namespace

/// The metric's id, made when there is none, and the first sequence number of so many new points.
std::pair<std::int64_t, std::int64_t> MetricTable::reserve(const MetricKey& key,
                                                           std::int64_t points, Time now) {
  auto rows = connection_.prepare(
      "INSERT INTO metrics (account, namespace, name, dimensions, unit, last_at, next_sequence) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7) "
      "ON CONFLICT (account, namespace, name, dimensions, unit) DO UPDATE SET "
      "last_at = excluded.last_at, next_sequence = metrics.next_sequence + "
      "excluded.next_sequence "
      "RETURNING id, next_sequence");
  rows.bind(key.account, key.name_space, key.name, key.dimensions, key.unit, now, points).step();
  const std::pair<std::int64_t, std::int64_t> reserved{rows.integer(0), rows.integer(1) - points};
  while (rows.step()) {
  }
  return reserved;
}

void MetricTable::append(const MetricKey& key, const std::vector<MetricPoint>& points, Time now) {
  if (points.empty()) return;
  auto [metric, sequence] = reserve(key, static_cast<std::int64_t>(points.size()), now);
  auto insert = connection_.prepare(
      "INSERT INTO metric_points (metric, at, sequence, samples, total, minimum, maximum) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)");
  for (const MetricPoint& point : points) {
    insert
        .bind(metric, point.at, sequence++, point.samples, point.total, point.minimum,
              point.maximum)
        .run();
  }
}

void MetricTable::add(const MetricKey& key, const MetricPoint& point,
                      const std::vector<std::pair<std::int64_t, double>>& buckets, Time now) {
  // Points that are appended have sequence numbers from 0 on.
  constexpr std::int64_t kSummedUp = -1;
  const std::int64_t metric = reserve(key, 0, now).first;
  connection_
      .prepare(
          "INSERT INTO metric_points (metric, at, sequence, samples, total, minimum, maximum) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (metric, at, sequence) DO UPDATE SET "
          "samples = samples + excluded.samples, total = total + excluded.total, "
          "minimum = MIN(minimum, excluded.minimum), maximum = MAX(maximum, excluded.maximum)")
      .bind(metric, point.at, kSummedUp, point.samples, point.total, point.minimum, point.maximum)
      .run();
  auto insert = connection_.prepare(
      "INSERT INTO metric_buckets (metric, at, bucket, samples) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (metric, at, bucket) DO UPDATE SET samples = samples + excluded.samples");
  for (const auto& [bucket, samples] : buckets)
    insert.bind(metric, point.at, bucket, samples).run();
}

std::vector<MetricRow> MetricTable::find(const MetricKey& key) {
  auto rows = connection_.prepare(std::string(kSelect) +
                                  "WHERE account = $1 AND namespace = $2 AND name = $3 AND "
                                  "dimensions = $4 AND ($5 = '' OR unit = $5) ORDER BY id");
  rows.bind(key.account, key.name_space, key.name, key.dimensions, key.unit);
  return rows_of(rows);
}

std::vector<MetricPoint> MetricTable::by_period(std::int64_t metric, std::int64_t from,
                                                std::int64_t until, std::int64_t period,
                                                Order order, std::int64_t limit) {
  auto rows = connection_.prepare(
      std::string("SELECT at / $1 * $1, SUM(samples), SUM(total), MIN(minimum), MAX(maximum) "
                  "FROM metric_points WHERE metric = $2 AND at >= $3 AND at < $4 "
                  "GROUP BY at / $1 ORDER BY at / $1") +
      (order == Order::Descending ? " DESC" : "") + " LIMIT $5");
  rows.bind(period, metric, from, until, limit);
  std::vector<MetricPoint> found;
  while (rows.step()) found.push_back(point_of(rows));
  return found;
}

std::optional<MetricRow> MetricTable::find(std::int64_t id) {
  auto rows = connection_.prepare(std::string(kSelect) + "WHERE id = $1");
  rows.bind(id);
  std::vector<MetricRow> found = rows_of(rows);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<MetricRow> MetricTable::by_dimensions(std::string_view account,
                                                  std::string_view name_space,
                                                  std::string_view from, std::string_view until) {
  auto rows = connection_.prepare(std::string(kSelect) +
                                  "WHERE account = $1 AND namespace = $2 AND dimensions >= $3 AND "
                                  "dimensions < $4 ORDER BY dimensions, id");
  rows.bind(account, name_space, from, until);
  return rows_of(rows);
}

void MetricTable::each_point(std::int64_t metric, std::int64_t at, std::int64_t sequence,
                             const std::function<void(std::int64_t, const MetricPoint&)>& use,
                             std::int64_t until) {
  auto rows = connection_.prepare(
      "SELECT at, samples, total, minimum, maximum, sequence FROM metric_points "
      "WHERE metric = $1 AND at >= $2 AND at < $3 AND sequence >= $4 ORDER BY at, sequence");
  rows.bind(metric, at, until, sequence);
  while (rows.step()) use(rows.integer(5), point_of(rows));
}

std::optional<std::pair<std::int64_t, std::int64_t>> MetricTable::extent(std::int64_t metric) {
  auto rows = connection_.prepare(
      "SELECT (SELECT MIN(at) FROM metric_points WHERE metric = $1), "
      "(SELECT MAX(at) FROM metric_points WHERE metric = $1)");
  if (!rows.bind(metric).step() || rows.is_null(0)) return std::nullopt;
  return std::pair(rows.integer(0), rows.integer(1));
}

std::vector<MetricPoint> MetricTable::last_points(std::int64_t metric, std::int64_t limit) {
  auto rows = connection_.prepare(
      "SELECT at, samples, total, minimum, maximum FROM metric_points WHERE metric = $1 "
      "ORDER BY at DESC, sequence DESC LIMIT $2");
  rows.bind(metric, limit);
  std::vector<MetricPoint> found;
  while (rows.step()) found.push_back(point_of(rows));
  return found;
}

std::vector<SampleCount> MetricTable::buckets(std::int64_t metric, std::int64_t from,
                                              std::int64_t until, std::int64_t period) {
  auto rows = connection_.prepare(
      "SELECT at / $1 * $1, bucket, SUM(samples) FROM metric_buckets "
      "WHERE metric = $2 AND at >= $3 AND at < $4 GROUP BY at / $1, bucket ORDER BY 1, 2");
  rows.bind(period, metric, from, until);
  return counts_of(rows);
}

std::vector<SampleCount> MetricTable::values(std::int64_t metric, std::int64_t from,
                                             std::int64_t until, std::int64_t period) {
  auto rows = connection_.prepare(
      "SELECT at / $1 * $1, minimum, SUM(samples) FROM metric_points WHERE metric = $2 "
      "AND at >= $3 AND at < $4 AND minimum = maximum GROUP BY at / $1, minimum ORDER BY 1, 2");
  rows.bind(period, metric, from, until);
  return counts_of(rows);
}

std::vector<MetricRow> MetricTable::list(std::string_view account, std::string_view name_space,
                                         std::string_view name, std::int64_t after,
                                         std::int64_t limit) {
  auto rows = connection_.prepare(std::string(kSelect) +
                                  "WHERE account = $1 AND ($2 = '' OR namespace = $2) AND "
                                  "($3 = '' OR name = $3) AND id > $4 ORDER BY id LIMIT $5");
  rows.bind(account, name_space, name, after, limit);
  return rows_of(rows);
}

}  // namespace millrace::records
