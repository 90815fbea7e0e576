#include "trainer/tabular/tabular_batch.h"

#include <algorithm>

#include "core/base/check.h"

namespace millrace {
namespace {

std::vector<float> part(const std::vector<float>& values, std::size_t begin, std::size_t end) {
  return {values.begin() + static_cast<std::ptrdiff_t>(begin),
          values.begin() + static_cast<std::ptrdiff_t>(end)};
}

void append_dense(DenseBatch& batch, const Row& row) {
  ++batch.rows;
  batch.columns = row.columns;
  batch.label_columns = static_cast<std::int64_t>(row.labels.size());
  batch.labels.insert(batch.labels.end(), row.labels.begin(), row.labels.end());
  if (!row.sparse) {
    batch.features.insert(batch.features.end(), row.values.begin(), row.values.end());
    return;
  }
  const std::size_t begin = batch.features.size();
  batch.features.resize(begin + static_cast<std::size_t>(row.columns));
  for (std::size_t i = 0; i < row.values.size(); ++i)
    batch.features[begin + static_cast<std::size_t>(row.indices[i])] = row.values[i];
}

void append_sparse(SparseBatch& batch, const Row& row) {
  ++batch.rows;
  batch.columns = row.columns;
  batch.label_columns = static_cast<std::int64_t>(row.labels.size());
  batch.labels.insert(batch.labels.end(), row.labels.begin(), row.labels.end());
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    if (!row.sparse && row.values[i] == 0) continue;
    batch.indices.push_back(row.sparse ? row.indices[i] : static_cast<std::int64_t>(i));
    batch.values.push_back(row.values[i]);
  }
  batch.row_starts.push_back(static_cast<std::int64_t>(batch.values.size()));
}

}  // namespace

std::span<const float> TabularBatch::dense_features(std::vector<float>& scratch) const {
  if (!is_sparse) return dense.features;
  const auto width = static_cast<std::size_t>(sparse.columns);
  scratch.resize(static_cast<std::size_t>(sparse.rows) * width);
  for (std::int64_t row = 0; row < sparse.rows; ++row)
    write_dense(row, scratch.data() + static_cast<std::size_t>(row) * width);
  return scratch;
}

void TabularBatch::write_dense(std::int64_t row, float* into) const {
  if (!is_sparse) {
    std::copy_n(dense.features.data() + row * dense.columns, dense.columns, into);
    return;
  }
  std::fill_n(into, sparse.columns, 0.0F);
  const auto at = static_cast<std::size_t>(row);
  const auto end = static_cast<std::size_t>(sparse.row_starts[at + 1]);
  for (auto i = static_cast<std::size_t>(sparse.row_starts[at]); i < end; ++i)
    into[sparse.indices[i]] = sparse.values[i];
}

Row TabularBatch::row(std::int64_t number) const {
  const auto at = static_cast<std::size_t>(number);
  const auto label_width = static_cast<std::size_t>(label_columns());
  Row row{.labels = part(labels(), at * label_width, (at + 1) * label_width),
          .sparse = is_sparse,
          .columns = columns()};
  if (is_sparse) {
    const std::int64_t begin = sparse.row_starts[at], end = sparse.row_starts[at + 1];
    row.indices.assign(sparse.indices.begin() + begin, sparse.indices.begin() + end);
    row.values.assign(sparse.values.begin() + begin, sparse.values.begin() + end);
  } else {
    const auto width = static_cast<std::size_t>(columns());
    row.values = part(dense.features, at * width, (at + 1) * width);
  }
  return row;
}

void TabularBatch::clear(bool sparse_rows) {
  is_sparse = sparse_rows;
  dense.rows = 0;
  dense.features.clear();
  dense.labels.clear();
  sparse.rows = 0;
  sparse.row_starts.assign(1, 0);
  sparse.indices.clear();
  sparse.values.clear();
  sparse.labels.clear();
}

void TabularBatch::append(const Row& row) {
  is_sparse ? append_sparse(sparse, row) : append_dense(dense, row);
}

void TabularBatch::append_features(const TabularBatch& from, std::int64_t row) {
  MILLRACE_CHECK(is_sparse == from.is_sparse);
  if (!is_sparse) {
    ++dense.rows;
    dense.columns = from.dense.columns;
    const float* const begin = from.dense.features.data() + row * dense.columns;
    dense.features.insert(dense.features.end(), begin, begin + dense.columns);
    return;
  }
  ++sparse.rows;
  sparse.columns = from.sparse.columns;
  const auto at = static_cast<std::size_t>(row);
  const std::int64_t begin = from.sparse.row_starts[at], end = from.sparse.row_starts[at + 1];
  sparse.indices.insert(sparse.indices.end(), from.sparse.indices.begin() + begin,
                        from.sparse.indices.begin() + end);
  sparse.values.insert(sparse.values.end(), from.sparse.values.begin() + begin,
                       from.sparse.values.begin() + end);
  sparse.row_starts.push_back(static_cast<std::int64_t>(sparse.values.size()));
}

}  // namespace millrace
