#pragma once

#include <string_view>

#include "platform/records/metrics.h"

namespace millrace::metrics {

/// One figure of a period's samples: Average, Sum, Minimum, Maximum or SampleCount. Throws
/// Error(Customer, InvalidParameterValue) for any other name.
double statistic(const records::MetricPoint& period, std::string_view name);

}  // namespace millrace::metrics
