#pragma once

#include <cstdint>
#include <vector>

#include "trainer/algorithms/random_cut_forest/uniform.h"

namespace millrace::random_cut_forest {

/// Rows of equal width, and pointers to them as trees are grown from.
class Rows {
 public:
  Rows(const std::vector<std::vector<float>>& rows, std::int64_t features)
      : width_(static_cast<std::size_t>(features)) {
    for (const std::vector<float>& row : rows) add(row);
  }

  void add(const std::vector<float>& row) { values_.insert(values_.end(), row.begin(), row.end()); }
  [[nodiscard]] std::vector<float> row(int number) const {
    const float* const begin = values_.data() + static_cast<std::size_t>(number) * width_;
    return {begin, begin + width_};
  }
  [[nodiscard]] const std::vector<float>& values() const { return values_; }
  [[nodiscard]] std::vector<const float*> pointers() const {
    std::vector<const float*> all;
    for (std::size_t at = 0; at < values_.size(); at += width_) all.push_back(values_.data() + at);
    return all;
  }

 private:
  std::size_t width_;
  std::vector<float> values_;
};

/// Uniform in the unit cube.
inline Rows random_rows(int count, std::int64_t features, std::uint64_t seed) {
  Uniform random(seed, 0);
  Rows rows({}, features);
  for (int i = 0; i < count; ++i) {
    std::vector<float> row;
    for (std::int64_t d = 0; d < features; ++d) row.push_back(static_cast<float>(random.next()));
    rows.add(row);
  }
  return rows;
}

}  // namespace millrace::random_cut_forest
