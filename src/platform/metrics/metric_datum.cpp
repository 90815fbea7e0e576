#include "platform/metrics/metric_datum.h"

#include <chrono>
#include <cmath>
#include <cstddef>

#include "core/base/error.h"

namespace millrace::metrics {
namespace {

using records::MetricPoint;

// As published for PutMetricData.
constexpr std::size_t kMaxValues = 150;
constexpr std::chrono::hours kMaxAge{14 * 24};
constexpr std::chrono::hours kMaxAhead{2};
const double kLargest = std::ldexp(1.0, 360);

[[noreturn]] void refuse(const std::string& where, const std::string& given,
                         const std::string& expected, const std::string& fix) {
  throw Error(Blame::Customer, "InvalidParameterValue",
              describe(Problem{.where = where, .given = given, .expected = expected, .fix = fix}));
}

double checked(double value, const std::string& where) {
  if (!std::isfinite(value) || std::abs(value) > kLargest) {
    refuse(where, std::to_string(value), "a finite number of at most 2^360",
           "Leave the point out where there is no value.");
  }
  return value;
}

double checked_count(double count, const std::string& where) {
  if (!(checked(count, where) > 0))
    refuse(where, std::to_string(count), "a number of samples above 0", "Leave the value out.");
  return count;
}

MetricPoint set_point(std::int64_t at, const wire::cloudwatch::StatisticSet& set,
                      const std::string& where) {
  MetricPoint point{.at = at,
                    .samples = checked_count(set.sample_count, where + ".SampleCount"),
                    .total = checked(set.sum, where + ".Sum"),
                    .minimum = checked(set.minimum, where + ".Minimum"),
                    .maximum = checked(set.maximum, where + ".Maximum")};
  if (point.minimum > point.maximum) {
    refuse(where, std::to_string(point.minimum), "a Minimum that is not above the Maximum",
           "Exchange them.");
  }
  return point;
}

std::vector<MetricPoint> value_points(std::int64_t at, const std::vector<double>& values,
                                      const std::optional<std::vector<double>>& counts,
                                      const std::string& where) {
  if (values.empty() || values.size() > kMaxValues) {
    refuse(where + ".Values", std::to_string(values.size()) + " values", "1 to 150 values",
           "Send the rest in another datum.");
  }
  if (counts && counts->size() != values.size()) {
    refuse(where + ".Counts", std::to_string(counts->size()) + " counts",
           "as many as Values, " + std::to_string(values.size()), "Give one for each value.");
  }
  std::vector<MetricPoint> points;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string place = "[" + std::to_string(i) + "]";
    const double value = checked(values[i], where + ".Values" + place);
    const double count = counts ? checked_count((*counts)[i], where + ".Counts" + place) : 1;
    points.push_back(
        {.at = at, .samples = count, .total = value * count, .minimum = value, .maximum = value});
  }
  return points;
}

}  // namespace

std::vector<MetricPoint> points_of(const wire::cloudwatch::MetricDatum& datum,
                                   const std::string& where, Time now) {
  const int forms = int{datum.value.has_value()} + int{datum.statistic_values.has_value()} +
                    int{datum.values.has_value()};
  if (forms != 1) {
    throw Error(Blame::Customer, forms == 0 ? "MissingParameter" : "InvalidParameterCombination",
                where + ": exactly one of Value, Values and StatisticValues must be given.");
  }
  const Time time = datum.timestamp.value_or(now);
  if (time < now - kMaxAge || time > now + kMaxAhead) {
    refuse(where + ".Timestamp", std::to_string(to_millis(time)) + " ms",
           "a time between two weeks ago and two hours ahead", "Is it in seconds?");
  }
  const std::int64_t at = to_millis(time);
  if (datum.value) return {MetricPoint::of(at, checked(*datum.value, where + ".Value"))};
  if (datum.statistic_values)
    return {set_point(at, *datum.statistic_values, where + ".StatisticValues")};
  return value_points(at, *datum.values, datum.counts, where);
}

}  // namespace millrace::metrics
