#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "platform/records/metrics.h"

namespace millrace::console {

/// Some points of a series that follow each other: what a chart draws of them.
struct Bucket {
  double x = 0;  ///< time of the first, in seconds since 1970
  float min = 0;
  float max = 0;
  float first = 0;
  float last = 0;

  friend bool operator==(const Bucket&, const Bucket&) = default;
};

/// What a chart of so many pixels needs of a stretch of a series.
struct Tile {
  std::uint32_t level = 0;  ///< a bucket stands for 4^level points
  bool exact = false;       ///< level 0: every point is there
  std::span<const Bucket> buckets;
};

/// A series at every scale: level 0 has each point, and each level above one bucket for four of the
/// one below, so that a stretch of any length is drawn from at most as many buckets as it has
/// pixels, and no peak is lost. Points are added without building anything anew but the levels'
/// ends; late ones, from where they belong.
class MetricPyramid {
 public:
  static constexpr std::size_t kFactor = 4;

  /// Ascending by time; may reach back before what is there already.
  void add(std::span<const records::MetricPoint> points);

  [[nodiscard]] std::size_t points() const { return levels_.empty() ? 0 : levels_[0].size(); }
  /// Of all points; there must be one.
  [[nodiscard]] Bucket all() const;
  /// Time of the last point.
  [[nodiscard]] double last_x() const { return levels_[0].back().x; }
  /// The finest level with at most `width` buckets in [from, to], in seconds; beyond it one bucket
  /// on either side, from and to which lines are drawn. Valid until the next add().
  [[nodiscard]] Tile tile(double from, double to, std::size_t width) const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  void rebuild(std::size_t first);

  std::vector<std::vector<Bucket>> levels_;
};

/// The tile as it travels, little-endian: uint32 count, level, exact and reserved; then per bucket
/// float64 x and float32 min, max, first and last.
std::string encode(const Tile& tile);

}  // namespace millrace::console
