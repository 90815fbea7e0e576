#include "platform/metrics/percentiles.h"

#include <algorithm>

#include "core/base/text.h"
#include "platform/metrics/buckets.h"

namespace millrace::metrics {

std::optional<double> percentile_named(std::string_view statistic) {
  if (!statistic.starts_with('p')) return std::nullopt;
  const std::optional<double> percent = parse_double(statistic.substr(1));
  if (!percent || !(*percent >= 0 && *percent <= 100)) return std::nullopt;
  return percent;
}

Percentiles::Percentiles(records::MetricTable& table,
                         const std::vector<records::MetricRow>& metrics, const TimeRange& range) {
  for (const records::MetricRow& metric : metrics) {
    const auto buckets = table.buckets(metric.id, range.from, range.until, range.period);
    for (const records::SampleCount& each : buckets)
      samples_[each.at][value_of(static_cast<std::int64_t>(each.value))] += each.samples;
    if (!buckets.empty()) continue;
    for (const auto& each : table.values(metric.id, range.from, range.until, range.period))
      samples_[each.at][each.value] += each.samples;
  }
}

std::optional<double> Percentiles::of(const records::MetricPoint& period, double percent) const {
  const auto found = samples_.find(period.at);
  if (found == samples_.end()) return std::nullopt;
  double known = 0;
  for (const auto& [value, samples] : found->second) known += samples;
  // Counts are whole numbers wherever they are ours; a client's may be fractions.
  if (known < period.samples * (1 - 1e-9)) return std::nullopt;
  double below = 0;
  double at = period.minimum;
  for (const auto& [value, samples] : found->second) {
    below += samples;
    at = value;
    if (below >= known * percent / 100) break;
  }
  // The middle of a bucket may lie outside of what there was.
  return std::clamp(at, period.minimum, period.maximum);
}

}  // namespace millrace::metrics
