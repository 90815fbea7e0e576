#include "platform/console/metric_pyramid.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace millrace::console {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tiles are written as they lie in memory");

Bucket bucket_of(const records::MetricPoint& point) {
  const auto mean = static_cast<float>(point.samples > 0 ? point.total / point.samples : 0);
  return {.x = static_cast<double>(point.at) / 1000.0,
          .min = static_cast<float>(point.minimum),
          .max = static_cast<float>(point.maximum),
          .first = mean,
          .last = mean};
}

Bucket joined(std::span<const Bucket> buckets) {
  Bucket sum = buckets.front();
  sum.last = buckets.back().last;
  for (const Bucket& bucket : buckets) {
    sum.min = std::min(sum.min, bucket.min);
    sum.max = std::max(sum.max, bucket.max);
  }
  return sum;
}

bool earlier(const Bucket& a, const Bucket& b) {
  return a.x < b.x;
}

}  // namespace

void MetricPyramid::add(std::span<const records::MetricPoint> points) {
  if (points.empty()) return;
  if (levels_.empty()) levels_.emplace_back();
  std::vector<Bucket>& all = levels_[0];
  const std::size_t old = all.size();
  for (const records::MetricPoint& point : points) all.push_back(bucket_of(point));
  // Only what is later than the first new point moves; equal times stay in the order they came.
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(old);
  const auto begin = std::upper_bound(all.begin(), middle, *middle, earlier);
  const auto first = static_cast<std::size_t>(begin - all.begin());
  std::inplace_merge(begin, middle, all.end(), earlier);
  rebuild(first);
}

/// Builds the levels above from the point at `first` on.
void MetricPyramid::rebuild(std::size_t first) {
  for (std::size_t level = 1; levels_[level - 1].size() > 1; ++level) {
    if (level == levels_.size()) levels_.emplace_back();
    const std::vector<Bucket>& below = levels_[level - 1];
    std::vector<Bucket>& above = levels_[level];
    first /= kFactor;
    above.resize(first);
    for (std::size_t at = first * kFactor; at < below.size(); at += kFactor) {
      above.push_back(joined(std::span(below).subspan(at, std::min(kFactor, below.size() - at))));
    }
  }
}

Bucket MetricPyramid::all() const {
  return joined(levels_.back());
}

Tile MetricPyramid::tile(double from, double to, std::size_t width) const {
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    const std::vector<Bucket>& buckets = levels_[level];
    auto begin = std::lower_bound(buckets.begin(), buckets.end(), Bucket{.x = from}, earlier);
    auto end = std::upper_bound(begin, buckets.end(), Bucket{.x = to}, earlier);
    // A bucket that begins before `from` may hold points behind it.
    if (level > 0 && begin != buckets.begin()) --begin;
    if (static_cast<std::size_t>(end - begin) > width && level + 1 < levels_.size()) continue;
    if (level == 0 && begin != buckets.begin()) --begin;
    if (end != buckets.end()) ++end;
    return {.level = static_cast<std::uint32_t>(level),
            .exact = level == 0,
            .buckets = std::span(begin, end)};
  }
  return {.level = 0, .exact = true, .buckets = {}};
}

std::size_t MetricPyramid::bytes() const {
  std::size_t bytes = sizeof(*this);
  for (const auto& level : levels_) bytes += level.capacity() * sizeof(Bucket);
  return bytes;
}

std::string encode(const Tile& tile) {
  static_assert(sizeof(Bucket) == 24);
  const std::array<std::uint32_t, 4> head{static_cast<std::uint32_t>(tile.buckets.size()),
                                          tile.level, tile.exact ? 1U : 0U, 0U};
  std::string bytes(sizeof(head) + tile.buckets.size_bytes(), '\0');
  std::memcpy(bytes.data(), head.data(), sizeof(head));
  if (!tile.buckets.empty())
    std::memcpy(bytes.data() + sizeof(head), tile.buckets.data(), tile.buckets.size_bytes());
  return bytes;
}

}  // namespace millrace::console
