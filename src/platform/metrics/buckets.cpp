#include "platform/metrics/buckets.h"

#include <algorithm>
#include <cmath>

namespace millrace::metrics {
namespace {

constexpr int kPerDoubling = 16;

}  // namespace

std::size_t bucket_of(double sample) {
  if (!(sample >= 1)) return 0;
  int exponent = 0;
  // sample = mantissa * 2^exponent, mantissa in [0.5, 1)
  const double mantissa = std::frexp(sample, &exponent);
  const auto within = static_cast<int>((mantissa - 0.5) * 2 * kPerDoubling);
  const int bucket = 1 + (exponent - 1) * kPerDoubling + within;
  return std::min(static_cast<std::size_t>(bucket), kBuckets - 1);
}

double value_of(std::int64_t bucket) {
  if (bucket <= 0) return 0;
  const std::int64_t doublings = (bucket - 1) / kPerDoubling;
  const auto within = static_cast<double>((bucket - 1) % kPerDoubling);
  return std::ldexp(1 + (within + 0.5) / kPerDoubling, static_cast<int>(doublings));
}

}  // namespace millrace::metrics
