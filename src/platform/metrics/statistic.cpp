#include "platform/metrics/statistic.h"

#include <string>

#include "core/base/error.h"
#include "generated/aws/cloudwatch/types.h"

namespace millrace::metrics {

double statistic(const records::MetricPoint& period, std::string_view name) {
  using wire::cloudwatch::Statistic;
  if (name == Statistic::Average) return period.total / period.samples;
  if (name == Statistic::Sum) return period.total;
  if (name == Statistic::Minimum) return period.minimum;
  if (name == Statistic::Maximum) return period.maximum;
  if (name == Statistic::SampleCount) return period.samples;
  throw Error(Blame::Customer, "InvalidParameterValue",
              describe(Problem{.where = "Stat",
                               .given = std::string(name),
                               .expected = "Average, Sum, Minimum, Maximum, SampleCount, or a "
                                           "percentile from p0 to p100",
                               .fix = "Trimmed means and the like are not offered."}));
}

}  // namespace millrace::metrics
