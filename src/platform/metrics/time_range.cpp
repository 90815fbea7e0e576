#include "platform/metrics/time_range.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/base/error.h"

namespace millrace::metrics {

TimeRange time_range(Time start, Time end, std::int64_t period_seconds) {
  constexpr std::array<std::int64_t, 4> kShort{1, 5, 10, 30};
  constexpr std::int64_t kDay = 86'400;
  const bool known = period_seconds > 0 && period_seconds <= kDay &&
                     (period_seconds % 60 == 0 ||
                      std::find(kShort.begin(), kShort.end(), period_seconds) != kShort.end());
  if (!known) {
    throw Error(
        Blame::Customer, "InvalidParameterValue",
        describe(Problem{.where = "Period",
                         .given = std::to_string(period_seconds),
                         .expected = "1, 5, 10, 30 or a multiple of 60, at most 86400 seconds",
                         .fix = "60 is the usual one."}));
  }
  TimeRange range{.from = std::max<std::int64_t>(0, to_millis(start)),
                  .until = to_millis(end),
                  .period = period_seconds * 1000};
  if (range.until <= range.from) {
    throw Error(Blame::Customer, "InvalidParameterCombination",
                "The parameter StartTime must be less than the parameter EndTime.");
  }
  range.from -= range.from % range.period;
  return range;
}

}  // namespace millrace::metrics
