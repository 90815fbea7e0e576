#include "platform/metrics/metric_data.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/metrics/dimensions.h"
#include "platform/metrics/percentiles.h"
#include "platform/metrics/statistic.h"
#include "platform/metrics/time_range.h"
#include "platform/records/metrics.h"

namespace millrace::metrics {
namespace {

namespace cw = wire::cloudwatch;
using records::MetricPoint;
using records::MetricTable;

constexpr std::int64_t kMaxDatapoints = 100'800;  // as published

/// Where a page begins: in the series of which query, and at which period; 0: at its first.
struct Place {
  std::size_t query = 0;
  std::int64_t at = 0;

  [[nodiscard]] std::string text() const {
    return std::to_string(query) + "." + std::to_string(at);
  }
};

Place place_of(const std::optional<std::string>& token, std::size_t queries) {
  if (!token) return {};
  const std::size_t dot = token->find('.');
  const auto query = parse_int(std::string_view(*token).substr(0, dot));
  const auto at =
      dot == std::string::npos ? std::nullopt : parse_int(std::string_view(*token).substr(dot + 1));
  if (!query || !at || *query < 0 || static_cast<std::size_t>(*query) >= queries || *at < 0)
    throw Error(Blame::Customer, "InvalidNextToken", "The NextToken is not one of this request.");
  return {.query = static_cast<std::size_t>(*query), .at = *at};
}

void check(const cw::MetricDataQuery& query, const aws::Caller& caller) {
  const auto refuse = [&](const std::string& what) {
    throw Error(Blame::Customer, "ValidationError",
                "MetricDataQueries, query '" + query.id + "': " + what);
  };
  if (query.expression)
    refuse("Expression is not offered. Ask for the metrics themselves with MetricStat.");
  if (!query.metric_stat) refuse("MetricStat is missing.");
  if (!query.metric_stat->metric.namespace_ || !query.metric_stat->metric.metric_name)
    refuse("MetricStat.Metric needs Namespace and MetricName.");
  if (query.account_id && *query.account_id != caller.account)
    refuse("AccountId: this installation monitors no other accounts. Leave it out.");
}

/// Periods of a metric, each with what all its units hold, in order.
std::vector<MetricPoint> series(MetricTable& table, const records::MetricKey& key,
                                const TimeRange& range, MetricTable::Order order,
                                std::int64_t limit) {
  std::vector<MetricPoint> found;
  for (const records::MetricRow& metric : table.find(key)) {
    const auto more =
        table.by_period(metric.id, range.from, range.until, range.period, order, limit);
    found.insert(found.end(), more.begin(), more.end());
  }
  std::stable_sort(found.begin(), found.end(), [&](const MetricPoint& a, const MetricPoint& b) {
    return order == MetricTable::Order::Ascending ? a.at < b.at : a.at > b.at;
  });
  std::vector<MetricPoint> merged;
  for (const MetricPoint& point : found) {
    if (merged.empty() || merged.back().at != point.at) {
      merged.push_back(point);
      continue;
    }
    MetricPoint& period = merged.back();
    period.samples += point.samples;
    period.total += point.total;
    period.minimum = std::min(period.minimum, point.minimum);
    period.maximum = std::max(period.maximum, point.maximum);
  }
  return merged;
}

}  // namespace

cw::GetMetricDataOutput read_data(records::Connection& connection,
                                  const cw::GetMetricDataInput& request,
                                  const aws::Caller& caller) {
  std::set<std::string> ids;
  for (const cw::MetricDataQuery& query : request.metric_data_queries) {
    check(query, caller);
    if (!ids.insert(query.id).second) {
      throw Error(Blame::Customer, "ValidationError",
                  "MetricDataQueries: the id '" + query.id + "' is given twice.");
    }
  }
  const auto order = request.scan_by == cw::ScanBy::TimestampAscending
                         ? MetricTable::Order::Ascending
                         : MetricTable::Order::Descending;
  std::int64_t room =
      std::clamp(request.max_datapoints.value_or(kMaxDatapoints), std::int64_t{1}, kMaxDatapoints);
  const Place first = place_of(request.next_token, request.metric_data_queries.size());
  MetricTable table(connection);
  cw::GetMetricDataOutput response{.metric_data_results = std::vector<cw::MetricDataResult>{},
                                   .messages = std::vector<cw::MessageData>{}};
  for (std::size_t i = first.query; i < request.metric_data_queries.size(); ++i) {
    const cw::MetricDataQuery& query = request.metric_data_queries[i];
    const cw::MetricStat& stat = *query.metric_stat;
    const records::MetricKey key{
        .account = caller.account,
        .name_space = *stat.metric.namespace_,
        .name = *stat.metric.metric_name,
        .dimensions = canonical(stat.metric.dimensions.value_or(std::vector<cw::Dimension>{})),
        .unit = stat.unit.value_or("")};
    TimeRange range = time_range(request.start_time, request.end_time, stat.period);
    if (i == first.query && first.at > 0) {
      if (order == MetricTable::Order::Ascending)
        range.from = first.at;
      else
        range.until = first.at;
    }
    if (!query.return_data.value_or(true)) continue;
    std::vector<MetricPoint> points = series(table, key, range, order, room + 1);
    cw::MetricDataResult result{.id = query.id,
                                .label = query.label.value_or(key.name),
                                .timestamps = std::vector<Time>{},
                                .values = std::vector<double>{},
                                .status_code = cw::StatusCode::Complete};
    const bool cut = static_cast<std::int64_t>(points.size()) > room;
    if (cut) {
      const std::int64_t next = points[static_cast<std::size_t>(room)].at;
      points.resize(static_cast<std::size_t>(room));
      response.next_token =
          Place{.query = i,
                .at = order == MetricTable::Order::Ascending ? next : next + range.period}
              .text();
      result.status_code = cw::StatusCode::PartialData;
    }
    const std::optional<double> percent = percentile_named(stat.stat);
    std::optional<Percentiles> percentiles;
    if (percent) percentiles.emplace(table, table.find(key), range);
    for (const MetricPoint& point : points) {
      const std::optional<double> value =
          percent ? percentiles->of(point, *percent) : statistic(point, stat.stat);
      if (!value) continue;
      result.timestamps->push_back(from_millis(point.at));
      result.values->push_back(*value);
    }
    room -= static_cast<std::int64_t>(points.size());
    response.metric_data_results->push_back(std::move(result));
    if (cut) return response;
  }
  return response;
}

}  // namespace millrace::metrics
