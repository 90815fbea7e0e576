#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "generated/aws/control/types.h"
#include "platform/records/metrics.h"

namespace millrace::metrics {

/// Tells the figures of one report from those of others.
struct ReportKey {
  std::string account;
  std::string workload;
  std::string host;
  std::optional<std::string> id;  ///< supervisors of older daemons give none
};

/// False when the instance's last report was this one: it is sent again because its answer was
/// lost, and its figures have been kept.
bool is_new_report(records::Connection& transaction, const ReportKey& report);

/// Keeps what a supervisor reports; `metric_of` says what each point is a point of. Values that are
/// no finite numbers are left out.
void keep_reported(
    records::Connection& transaction, const std::vector<wire::control::MetricPoint>& points,
    const std::function<records::MetricKey(const wire::control::MetricPoint&)>& metric_of, Time at);

}  // namespace millrace::metrics
