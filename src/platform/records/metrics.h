#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

/// What tells one metric from another.
struct MetricKey {
  std::string account;
  std::string name_space;
  std::string name;
  std::string dimensions;  ///< canonical text, see metrics/dimensions.h
  std::string unit;
};

struct MetricRow {
  std::int64_t id = 0;
  MetricKey key;
  Time last_at{};           ///< when a point was last written
  std::int64_t points = 0;  ///< how many have been written
};

/// Samples taken at one time, or within one period.
struct MetricPoint {
  std::int64_t at = 0;  ///< milliseconds; of a period, its beginning
  double samples = 0;
  double total = 0;
  double minimum = 0;
  double maximum = 0;

  static MetricPoint of(std::int64_t at, double value) { return {at, 1, value, value, value}; }
  friend bool operator==(const MetricPoint&, const MetricPoint&) = default;
};

/// How many samples of a period have a value, or lie in a bucket.
struct SampleCount {
  std::int64_t at = 0;  ///< the period's beginning, in milliseconds
  double value = 0;     ///< or the bucket's number
  double samples = 0;
};

class MetricTable {
 public:
  explicit MetricTable(Connection& connection) : connection_(connection) {}

  /// Makes the metric when there is none, and appends.
  void append(const MetricKey& key, const std::vector<MetricPoint>& points, Time now);
  /// Adds samples to the one point at their time: for figures that whoever writes them sums up
  /// period by period. `buckets` holds how many of them lie in each bucket.
  void add(const MetricKey& key, const MetricPoint& point,
           const std::vector<std::pair<std::int64_t, double>>& buckets, Time now);
  /// The metric in every unit, or in the key's unit where that is not empty.
  std::vector<MetricRow> find(const MetricKey& key);
  /// Points of [from, until), summed up by period; periods are counted from 1970. The first `limit`
  /// in the order asked for, without periods that have no point.
  enum class Order { Ascending, Descending };
  std::vector<MetricPoint> by_period(std::int64_t metric, std::int64_t from, std::int64_t until,
                                     std::int64_t period, Order order, std::int64_t limit);
  std::optional<MetricRow> find(std::int64_t id);
  /// Those whose dimensions are at least `from` and less than `until`, as text.
  std::vector<MetricRow> by_dimensions(std::string_view account, std::string_view name_space,
                                       std::string_view from, std::string_view until);
  /// Points from `at` on and before `until` that were the `sequence`th to be written (from 0) or
  /// later ones, by time.
  void each_point(std::int64_t metric, std::int64_t at, std::int64_t sequence,
                  const std::function<void(std::int64_t sequence, const MetricPoint&)>& use,
                  std::int64_t until = std::numeric_limits<std::int64_t>::max());
  /// Times of the first and of the last point; nullopt where there is none.
  std::optional<std::pair<std::int64_t, std::int64_t>> extent(std::int64_t metric);
  /// The last ones by time, the newest first.
  std::vector<MetricPoint> last_points(std::int64_t metric, std::int64_t limit);
  /// Of [from, until), by period and then ascending: the samples in buckets; and the samples that
  /// are known one by one, because all of a point are equal.
  std::vector<SampleCount> buckets(std::int64_t metric, std::int64_t from, std::int64_t until,
                                   std::int64_t period);
  std::vector<SampleCount> values(std::int64_t metric, std::int64_t from, std::int64_t until,
                                  std::int64_t period);
  /// Ascending by id, strictly after `after`; an empty namespace or name stands for any.
  std::vector<MetricRow> list(std::string_view account, std::string_view name_space,
                              std::string_view name, std::int64_t after, std::int64_t limit);

 private:
  std::pair<std::int64_t, std::int64_t> reserve(const MetricKey& key, std::int64_t points,
                                                Time now);

  Connection& connection_;
};

}  // namespace millrace::records
