#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/data/dense_batch.h"
#include "core/data/row.h"
#include "core/data/sparse_batch.h"

namespace millrace {

/// Rows of a tabular stream, dense or sparse; the other half is empty.
struct TabularBatch {
  bool is_sparse = false;
  DenseBatch dense;
  SparseBatch sparse;
  /// Number of the first row in its pass over the channel, from 0; the others follow it.
  std::int64_t first_row = 0;

  [[nodiscard]] std::int64_t rows() const { return is_sparse ? sparse.rows : dense.rows; }
  [[nodiscard]] std::int64_t columns() const { return is_sparse ? sparse.columns : dense.columns; }
  [[nodiscard]] std::int64_t label_columns() const {
    return is_sparse ? sparse.label_columns : dense.label_columns;
  }
  /// [rows, label_columns]
  [[nodiscard]] const std::vector<float>& labels() const {
    return is_sparse ? sparse.labels : dense.labels;
  }

  /// [rows, columns]; sparse rows are written out in `scratch`.
  [[nodiscard]] std::span<const float> dense_features(std::vector<float>& scratch) const;
  /// A copy of one row, from 0.
  [[nodiscard]] Row row(std::int64_t number) const;
  /// No rows, of this kind; memory is kept.
  void clear(bool sparse_rows);
  /// A further row, of as many columns as the others; one of the other kind is converted.
  void append(const Row& row);
  /// The same for a row of another batch of this kind, without its labels; nothing is allocated but
  /// its place here.
  void append_features(const TabularBatch& from, std::int64_t row);
  /// Writes one row out dense: columns() numbers.
  void write_dense(std::int64_t row, float* into) const;
};

}  // namespace millrace
