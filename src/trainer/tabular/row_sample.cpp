#include "trainer/tabular/row_sample.h"

#include <algorithm>
#include <span>

namespace millrace {
void RowSample::add(const TabularBatch& batch) {
  if (batch.rows() == 0) return;
  if (!capacity_) {
    is_sparse_ = batch.is_sparse;
    const auto stored = static_cast<std::int64_t>(batch.is_sparse ? batch.sparse.values.size()
                                                                  : batch.dense.features.size());
    const std::int64_t per_row = std::max<std::int64_t>(1, stored / batch.rows());
    capacity_ = std::clamp<std::int64_t>(limits_.values / per_row, 1, limits_.rows);
  }
  for (std::int64_t row = 0; row < batch.rows(); ++row, ++seen_) {
    if (seen_ < *capacity_) {
      rows_.push_back(batch.row(row));
      continue;
    }
    const auto place = random_() % static_cast<std::uint64_t>(seen_ + 1);
    if (place < static_cast<std::uint64_t>(*capacity_)) rows_[place] = batch.row(row);
  }
}

void RowSample::fill(TabularBatch& batch, std::size_t begin, std::size_t end) const {
  batch.clear(is_sparse_);
  for (const Row& row : std::span(rows_).subspan(begin, end - begin)) batch.append(row);
}

}  // namespace millrace
