#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "platform/metrics/time_range.h"
#include "platform/records/metrics.h"

namespace millrace::metrics {

/// 99.9 of "p99.9"; nullopt of what names no percentile. From 0 to 100.
std::optional<double> percentile_named(std::string_view statistic);

/// The samples of some metrics' periods, one by one or in buckets (buckets.h), for percentiles.
class Percentiles {
 public:
  /// Of `metrics` taken together.
  Percentiles(records::MetricTable& table, const std::vector<records::MetricRow>& metrics,
              const TimeRange& range);

  /// The smallest sample that `percent` of all in the period do not exceed. nullopt where some came
  /// as sets of statistics, of whose samples nothing more is known.
  [[nodiscard]] std::optional<double> of(const records::MetricPoint& period, double percent) const;

 private:
  /// By period and value: how many samples.
  std::map<std::int64_t, std::map<double, double>> samples_;
};

}  // namespace millrace::metrics
