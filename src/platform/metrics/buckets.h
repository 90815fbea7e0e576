#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::metrics {

/// Buckets for distributions of many samples: sixteen to each doubling, so that a sample is known
/// within 3 % whatever its size. Samples below 1 share the first, those from 2^40 on the last.
///
/// The division is that of HdrHistogram (G. Tene), with the bits below the four kept cut off.
inline constexpr std::size_t kBuckets = 1 + 40 * 16;

std::size_t bucket_of(double sample);
/// What stands for the samples of a bucket: its middle.
double value_of(std::int64_t bucket);

}  // namespace millrace::metrics
