#include "trainer/algorithms/knn/tensors/distance.h"

#include <cstddef>

// Compiled for several levels of x86-64 and chosen at load by the CPU's features.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define MILLRACE_FOR_EACH_CPU \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MILLRACE_FOR_EACH_CPU
#endif

namespace millrace::knn {
namespace {

/// Sums that are kept apart, so that they do not wait for each other: four AVX-512 registers.
constexpr std::int64_t kLanes = 32;

inline double total(const double* sums) {
  double sum = 0;
  for (std::int64_t lane = 0; lane < kLanes; ++lane) sum += sums[lane];
  return sum;
}

}  // namespace

MILLRACE_FOR_EACH_CPU double squared_distance(const float* a, const float* b, std::int64_t count) {
  double sums[kLanes] = {};
  std::int64_t at = 0;
  for (; at + kLanes <= count; at += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const double gap = static_cast<double>(a[at + lane]) - static_cast<double>(b[at + lane]);
      sums[lane] += gap * gap;
    }
  }
  for (; at < count; ++at) {
    const double gap = static_cast<double>(a[at]) - static_cast<double>(b[at]);
    sums[0] += gap * gap;
  }
  return total(sums);
}

MILLRACE_FOR_EACH_CPU double inner_product(const float* a, const float* b, std::int64_t count) {
  double sums[kLanes] = {};
  std::int64_t at = 0;
  for (; at + kLanes <= count; at += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += static_cast<double>(a[at + lane]) * static_cast<double>(b[at + lane]);
  }
  for (; at < count; ++at) sums[0] += static_cast<double>(a[at]) * static_cast<double>(b[at]);
  return total(sums);
}

MILLRACE_FOR_EACH_CPU bool any_at_most(const float* values, std::int64_t count, float threshold) {
  int found = 0;
  for (std::int64_t i = 0; i < count; ++i) found |= values[i] <= threshold ? 1 : 0;
  return found != 0;
}

}  // namespace millrace::knn
