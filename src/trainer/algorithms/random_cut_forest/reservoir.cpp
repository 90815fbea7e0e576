#include "trainer/algorithms/random_cut_forest/reservoir.h"

#include <algorithm>
#include <functional>

#include "core/base/check.h"

namespace millrace::random_cut_forest {

Reservoir::Reservoir(std::int64_t capacity, std::uint64_t seed, std::uint64_t stream)
    : capacity_(static_cast<std::size_t>(capacity)), random_(seed, stream) {}

void Reservoir::add(std::span<const float> values, std::int64_t features) {
  if (width_ == 0) width_ = static_cast<std::size_t>(features);
  MILLRACE_CHECK(width_ == static_cast<std::size_t>(features));
  for (std::size_t at = 0; at < values.size(); at += width_) {
    const float* const row = values.data() + at;
    const double drawn = random_.next();
    ++seen_;
    if (held_.size() < capacity_) {
      held_.emplace_back(drawn, held_.size());
      values_.insert(values_.end(), row, row + width_);
      if (held_.size() == capacity_) std::make_heap(held_.begin(), held_.end(), std::greater<>());
      continue;
    }
    if (drawn <= held_.front().first) continue;
    std::pop_heap(held_.begin(), held_.end(), std::greater<>());
    held_.back().first = drawn;
    std::copy_n(row, width_, values_.data() + held_.back().second * width_);
    std::push_heap(held_.begin(), held_.end(), std::greater<>());
  }
}

std::int64_t Reservoir::values_with(std::int64_t rows, std::int64_t features) const {
  return std::min<std::int64_t>(this->rows() + rows, static_cast<std::int64_t>(capacity_)) *
         features;
}

}  // namespace millrace::random_cut_forest
