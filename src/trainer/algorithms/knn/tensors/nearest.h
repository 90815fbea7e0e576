#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace millrace::knn {

/// The k nearest of the rows that were offered, in any order: of equally near rows those with the
/// smaller numbers.
class Nearest {
 public:
  /// Distance, smaller is nearer, and number of a row.
  using Found = std::pair<double, std::int64_t>;

  explicit Nearest(std::int64_t k) : k_(static_cast<std::size_t>(k)) { heap_.reserve(k_); }

  void offer(double distance, std::int64_t row) {
    const Found found{distance, row};
    if (heap_.size() < k_) {
      heap_.push_back(found);
      std::push_heap(heap_.begin(), heap_.end());
    } else if (found < heap_.front()) {
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.back() = found;
      std::push_heap(heap_.begin(), heap_.end());
    }
  }

  /// Of the nearest; rows that are farther are none of them. Infinity while there are fewer than k.
  [[nodiscard]] double farthest() const {
    return heap_.size() < k_ ? std::numeric_limits<double>::infinity() : heap_.front().first;
  }

  [[nodiscard]] std::int64_t k() const { return static_cast<std::int64_t>(k_); }
  /// Nearest first. Ends the use of this.
  std::vector<Found> sorted() {
    std::sort_heap(heap_.begin(), heap_.end());
    return std::move(heap_);
  }

 private:
  std::size_t k_;
  std::vector<Found> heap_;
};

}  // namespace millrace::knn
