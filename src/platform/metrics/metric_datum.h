#pragma once

#include <string>
#include <vector>

#include "core/base/time.h"
#include "generated/aws/cloudwatch/types.h"
#include "platform/records/metrics.h"

namespace millrace::metrics {

/// What one datum of PutMetricData says: a value, values with counts, or a set of statistics.
/// `where` names it in messages: "MetricData[3]". Throws Error(Customer) for more or less than one
/// of the three forms, values that are no finite numbers, counts that do not fit, and times more
/// than two weeks ago or two hours ahead.
std::vector<records::MetricPoint> points_of(const wire::cloudwatch::MetricDatum& datum,
                                            const std::string& where, Time now);

}  // namespace millrace::metrics
