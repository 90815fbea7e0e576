#pragma once

#include <functional>
#include <vector>

#include "core/base/time.h"
#include "generated/aws/control/types.h"
#include "platform/records/metrics.h"

namespace millrace::metrics {

/// Keeps what a supervisor reports; `metric_of` says what each point is a point of. Values that are
/// no finite numbers are left out. A report that is sent again because its answer was lost may
/// bring a point twice, as with any client of CloudWatch.
void keep_reported(
    records::Connection& transaction, const std::vector<wire::control::MetricPoint>& points,
    const std::function<records::MetricKey(const wire::control::MetricPoint&)>& metric_of, Time at);

}  // namespace millrace::metrics
