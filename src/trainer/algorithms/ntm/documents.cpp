#include "trainer/algorithms/ntm/documents.h"

#include <cmath>

namespace millrace::ntm {

void Documents::clear() {
  starts.assign(1, 0);
  words.clear();
  counts.clear();
  totals.clear();
  rows.clear();
  empty = 0;
}

void Documents::add(const TabularBatch& batch, std::int64_t row, const Refuse& refuse) {
  const std::int64_t number = batch.first_row + row;
  double total = 0;
  const auto take = [&](std::int64_t word, float count) {
    if (count == 0) return;
    if (!(count > 0) || !std::isfinite(count)) refuse(number, word, count);
    words.push_back(word);
    counts.push_back(count);
    total += static_cast<double>(count);
  };
  if (batch.is_sparse) {
    const SparseBatch& sparse = batch.sparse;
    const auto at = static_cast<std::size_t>(row);
    for (auto i = static_cast<std::size_t>(sparse.row_starts[at]);
         i < static_cast<std::size_t>(sparse.row_starts[at + 1]); ++i)
      take(sparse.indices[i], sparse.values[i]);
  } else {
    const float* const features =
        batch.dense.features.data() + static_cast<std::size_t>(row * batch.dense.columns);
    for (std::int64_t word = 0; word < batch.dense.columns; ++word) take(word, features[word]);
  }
  if (total == 0) {
    ++empty;
    return;
  }
  starts.push_back(static_cast<std::int64_t>(words.size()));
  totals.push_back(total);
  rows.push_back(number);
}

}  // namespace millrace::ntm
