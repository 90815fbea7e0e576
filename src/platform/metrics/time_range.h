#pragma once

#include <cstdint>

#include "core/base/time.h"

namespace millrace::metrics {

/// What part of a metric is asked for, in milliseconds.
struct TimeRange {
  std::int64_t from = 0;   ///< at the beginning of a period
  std::int64_t until = 0;  ///< not included
  std::int64_t period = 0;

  [[nodiscard]] std::int64_t periods() const { return (until - from + period - 1) / period; }
};

/// The range of a request; its start is moved back to the beginning of a period, so that the first
/// one is whole. Throws Error(Customer, InvalidParameterValue or InvalidParameterCombination) for
/// an end that is not after the start and a period that is neither 1, 5, 10, 30 nor a multiple
/// of 60.
TimeRange time_range(Time start, Time end, std::int64_t period_seconds);

}  // namespace millrace::metrics
