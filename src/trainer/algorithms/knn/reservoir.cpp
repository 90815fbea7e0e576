#include "trainer/algorithms/knn/reservoir.h"

namespace millrace::knn {

const std::vector<Reservoir::Kept>& Reservoir::next(std::int64_t rows) {
  kept_.clear();
  for (std::int64_t row = 0; row < rows; ++row, ++seen_) {
    if (seen_ < capacity_) {
      kept_.push_back({.row = row, .place = seen_});
      continue;
    }
    const auto place = static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(seen_ + 1));
    if (place < capacity_) kept_.push_back({.row = row, .place = place});
  }
  return kept_;
}

}  // namespace millrace::knn
