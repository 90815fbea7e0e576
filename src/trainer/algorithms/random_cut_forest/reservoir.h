#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "trainer/algorithms/random_cut_forest/uniform.h"

namespace millrace::random_cut_forest {

/// A uniform sample, without replacement, of the rows of a stream whose length is not known.
///
/// Every row draws a number; the rows with the largest ones are held, so that each set of
/// `capacity` rows is as likely as any other. The reference sampler orders by ln(-ln u), smallest
/// first, which without time decay is the same order.
///
/// While there is room, rows stand in the order of the stream. Later ones take the place of the row
/// they displace, so that parts of the sample get mixed.
class Reservoir {
 public:
  Reservoir(std::int64_t capacity, std::uint64_t seed, std::uint64_t stream);

  /// `rows` rows of `features` numbers each, the same with each call.
  void add(std::span<const float> values, std::int64_t features);

  [[nodiscard]] std::int64_t rows() const { return static_cast<std::int64_t>(held_.size()); }
  [[nodiscard]] std::int64_t seen() const { return seen_; }
  [[nodiscard]] std::int64_t features() const { return static_cast<std::int64_t>(width_); }
  [[nodiscard]] const float* row(std::int64_t number) const {
    return values_.data() + static_cast<std::size_t>(number) * width_;
  }
  /// Numbers that a further `rows` rows would have it hold.
  [[nodiscard]] std::int64_t values_with(std::int64_t rows, std::int64_t features) const;

 private:
  using Held = std::pair<double, std::size_t>;  ///< number drawn, place in values_

  std::size_t capacity_;
  Uniform random_;
  std::size_t width_ = 0;
  std::int64_t seen_ = 0;
  std::vector<Held> held_;  ///< a heap, once full: the smallest number first
  std::vector<float> values_;
};

}  // namespace millrace::random_cut_forest
