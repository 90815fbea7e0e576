#pragma once

#include "generated/aws/cloudwatch/types.h"
#include "platform/aws/caller.h"
#include "platform/records/connection.h"

namespace millrace::metrics {

/// GetMetricData: series of periods for several metrics, in pages of at most MaxDatapoints in all.
/// Throws Error(Customer) naming the query for what is not offered: expressions, other statistics,
/// other accounts.
wire::cloudwatch::GetMetricDataOutput read_data(records::Connection& connection,
                                                const wire::cloudwatch::GetMetricDataInput& request,
                                                const aws::Caller& caller);

}  // namespace millrace::metrics
