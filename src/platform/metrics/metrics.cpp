#include "platform/metrics/metrics.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/metrics/dimensions.h"
#include "platform/metrics/metric_data.h"
#include "platform/metrics/metric_datum.h"
#include "platform/metrics/percentiles.h"
#include "platform/metrics/statistic.h"
#include "platform/metrics/time_range.h"

namespace millrace::metrics {
namespace {

namespace cw = wire::cloudwatch;
using records::Connection;
using records::MetricKey;
using records::MetricPoint;
using records::MetricRow;
using records::MetricTable;

// Limits as published for CloudWatch.
constexpr std::int64_t kMaxStatisticPeriods = 1440;
constexpr std::int64_t kListPage = 500;
constexpr std::chrono::hours kRecently{3};

[[noreturn]] void invalid(const char* code, const std::string& message) {
  throw Error(Blame::Customer, code, message);
}

MetricKey key_of(const aws::Caller& caller, const std::string& name_space, const std::string& name,
                 const std::optional<std::vector<cw::Dimension>>& dimensions) {
  return {.account = caller.account,
          .name_space = name_space,
          .name = name,
          .dimensions = canonical(dimensions.value_or(std::vector<cw::Dimension>{})),
          .unit = {}};
}

cw::Datapoint datapoint(const MetricPoint& period, const std::vector<std::string>& statistics,
                        const std::string& unit) {
  cw::Datapoint point{.timestamp = from_millis(period.at), .unit = unit};
  const auto fill = [&](std::optional<double>& member, const char* name) {
    if (std::find(statistics.begin(), statistics.end(), name) != statistics.end())
      member = statistic(period, name);
  };
  fill(point.average, cw::Statistic::Average);
  fill(point.sum, cw::Statistic::Sum);
  fill(point.minimum, cw::Statistic::Minimum);
  fill(point.maximum, cw::Statistic::Maximum);
  fill(point.sample_count, cw::Statistic::SampleCount);
  return point;
}

bool has_dimensions(const std::vector<cw::Dimension>& dimensions,
                    const std::vector<cw::DimensionFilter>& filters) {
  return std::all_of(filters.begin(), filters.end(), [&](const cw::DimensionFilter& filter) {
    return std::any_of(dimensions.begin(), dimensions.end(), [&](const cw::Dimension& dimension) {
      return dimension.name == filter.name && (!filter.value || dimension.value == *filter.value);
    });
  });
}

std::int64_t id_of(const std::optional<std::string>& token) {
  if (!token) return 0;
  const std::optional<std::int64_t> id = parse_int(*token);
  if (!id || *id < 0) invalid("InvalidParameterValue", "The NextToken is not one of this service.");
  return *id;
}

}  // namespace

MetricKey training_metric(const std::string& account, const std::string& job,
                          const std::string& name) {
  return {.account = account,
          .name_space = kTrainingNamespace,
          .name = name,
          .dimensions = canonical({{.name = "TrainingJobName", .value = job}}),
          .unit = kNoUnit};
}

MetricKey instance_metric(const std::string& account, const std::string& job,
                          const std::string& host, const std::string& name,
                          const char* name_space) {
  return {.account = account,
          .name_space = name_space,
          .name = name,
          .dimensions = canonical({{.name = "Host", .value = job + "/" + host}}),
          .unit = cw::StandardUnit::Percent};
}

MetricKey variant_metric(const std::string& account, const char* name_space,
                         const std::string& endpoint, const std::string& variant,
                         const std::string& name, const std::string& unit) {
  return {.account = account,
          .name_space = name_space,
          .name = name,
          .dimensions = canonical({{.name = "EndpointName", .value = endpoint},
                                   {.name = "VariantName", .value = variant}}),
          .unit = unit};
}

wire::Empty Metrics::put_data(const cw::PutMetricDataInput& request, const aws::Caller& caller) {
  if (!caller.job.empty() &&
      (request.namespace_.starts_with("AWS/") || request.namespace_.starts_with("/aws/"))) {
    throw Error(Blame::Customer, "AccessDeniedException",
                "The keys of a job may write to namespaces of their own only, not to '" +
                    request.namespace_ + "'.");
  }
  if (request.namespace_.starts_with("AWS/")) {
    invalid("InvalidParameterValue",
            "The value AWS/ for parameter Namespace is invalid: it is reserved. Choose another.");
  }
  const Time at = now();
  // Points of one metric are appended together, in the order they came.
  std::vector<std::pair<MetricKey, std::vector<MetricPoint>>> batches;
  for (std::size_t i = 0; i < request.metric_data.size(); ++i) {
    const cw::MetricDatum& datum = request.metric_data[i];
    MetricKey key = key_of(caller, request.namespace_, datum.metric_name, datum.dimensions);
    key.unit = datum.unit.value_or(kNoUnit);
    batches.emplace_back(std::move(key),
                         points_of(datum, "MetricData[" + std::to_string(i) + "]", at));
  }
  database_.write([&](Connection& transaction) {
    for (const auto& [key, points] : batches) MetricTable(transaction).append(key, points, at);
  });
  return {};
}

cw::GetMetricStatisticsOutput Metrics::get_statistics(const cw::GetMetricStatisticsInput& request,
                                                      const aws::Caller& caller) {
  const auto extended = request.extended_statistics.value_or(std::vector<std::string>{});
  for (const std::string& name : extended) {
    if (!percentile_named(name)) {
      invalid("InvalidParameterValue",
              describe(Problem{.where = "ExtendedStatistics",
                               .given = name,
                               .expected = "percentiles from p0 to p100, such as p99.9",
                               .fix = "Trimmed means and the like are not offered."}));
    }
  }
  if (!request.statistics && extended.empty()) {
    invalid("MissingParameter", "At least one of Statistics and ExtendedStatistics must be given.");
  }
  const TimeRange range = time_range(request.start_time, request.end_time, request.period);
  if (range.periods() > kMaxStatisticPeriods) {
    invalid("InvalidParameterCombination",
            "You have requested up to " + std::to_string(range.periods()) +
                " datapoints, which exceeds the limit of 1,440. You may reduce the datapoints "
                "requested by increasing Period, or decreasing the time range.");
  }
  MetricKey key = key_of(caller, request.namespace_, request.metric_name, request.dimensions);
  key.unit = request.unit.value_or("");
  cw::GetMetricStatisticsOutput response{.label = request.metric_name,
                                         .datapoints = std::vector<cw::Datapoint>{}};
  database_.snapshot([&](Connection& connection) {
    MetricTable table(connection);
    for (const MetricRow& metric : table.find(key)) {
      std::optional<Percentiles> percentiles;
      if (!extended.empty()) percentiles.emplace(table, std::vector{metric}, range);
      for (const MetricPoint& period :
           table.by_period(metric.id, range.from, range.until, range.period,
                           MetricTable::Order::Ascending, kMaxStatisticPeriods)) {
        cw::Datapoint& point = response.datapoints->emplace_back(datapoint(
            period, request.statistics.value_or(std::vector<std::string>{}), metric.key.unit));
        std::map<std::string, double> values;
        for (const std::string& name : extended) {
          if (const auto value = percentiles->of(period, percentile_named(name).value()))
            values.emplace(name, *value);
        }
        if (!values.empty()) point.extended_statistics = std::move(values);
      }
    }
  });
  return response;
}

cw::GetMetricDataOutput Metrics::get_data(const cw::GetMetricDataInput& request,
                                          const aws::Caller& caller) {
  return database_.snapshot(
      [&](Connection& connection) { return read_data(connection, request, caller); });
}

cw::ListMetricsOutput Metrics::list(const cw::ListMetricsInput& request,
                                    const aws::Caller& caller) {
  if (request.owning_account && *request.owning_account != caller.account) {
    invalid("InvalidParameterValue",
            "OwningAccount: this installation monitors no other accounts. Leave it out.");
  }
  const Time since = request.recently_active ? now() - kRecently : Time{};
  const auto filters = request.dimensions.value_or(std::vector<cw::DimensionFilter>{});
  cw::ListMetricsOutput response{.metrics = std::vector<cw::Metric>{}};
  // A metric is listed once, whatever units its points have.
  std::int64_t after = id_of(request.next_token);
  const std::vector<MetricRow> rows = database_.read([&](Connection& connection) {
    return MetricTable(connection)
        .list(caller.account, request.namespace_.value_or(""), request.metric_name.value_or(""),
              after, kListPage);
  });
  for (const MetricRow& row : rows) {
    after = row.id;
    if (row.last_at < since) continue;
    cw::Metric metric{.namespace_ = row.key.name_space,
                      .metric_name = row.key.name,
                      .dimensions = dimensions_of(row.key.dimensions)};
    if (!has_dimensions(*metric.dimensions, filters)) continue;
    const auto& listed = *response.metrics;
    if (std::find(listed.begin(), listed.end(), metric) == listed.end())
      response.metrics->push_back(std::move(metric));
  }
  if (rows.size() == kListPage) response.next_token = std::to_string(after);
  return response;
}

}  // namespace millrace::metrics
