#include "platform/metrics/reported_points.h"

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "platform/records/metric_reports.h"

namespace millrace::metrics {

bool is_new_report(records::Connection& transaction, const ReportKey& report) {
  return !report.id || records::MetricReportTable(transaction)
                           .remember(report.account, report.workload, report.host, *report.id);
}

void keep_reported(
    records::Connection& transaction, const std::vector<wire::control::MetricPoint>& points,
    const std::function<records::MetricKey(const wire::control::MetricPoint&)>& metric_of,
    Time at) {
  struct Series {
    records::MetricKey key;
    std::vector<records::MetricPoint> values;
  };
  std::map<std::pair<bool, std::string>, Series> all;
  for (const wire::control::MetricPoint& point : points) {
    if (!std::isfinite(point.value)) continue;
    Series& series = all[{point.of_instance.value_or(false), point.metric_name}];
    if (series.values.empty()) series.key = metric_of(point);
    series.values.push_back(records::MetricPoint::of(to_millis(point.timestamp), point.value));
  }
  records::MetricTable table(transaction);
  for (const auto& [name, series] : all) table.append(series.key, series.values, at);
}

}  // namespace millrace::metrics
