#pragma once

#include <cstdint>
#include <vector>

namespace millrace {

/// Rows ready for a tensor: row-major, one allocation each, reused from batch to batch.
struct DenseBatch {
  std::int64_t rows = 0;
  std::int64_t label_columns = 0;
  std::int64_t feature_columns = 0;
  std::vector<float> labels;    ///< [rows, label_columns]
  std::vector<float> features;  ///< [rows, feature_columns]
};

/// Rows in compressed sparse row form: row r has values[i] at columns[i] for i from row_starts[r]
/// up to row_starts[r + 1], columns ascending, none twice.
struct SparseBatch {
  std::int64_t rows = 0;
  std::int64_t label_columns = 0;
  std::int64_t feature_columns = 0;
  std::vector<float> labels;             ///< [rows, label_columns]
  std::vector<std::int64_t> row_starts;  ///< [rows + 1]
  std::vector<std::int64_t> columns;     ///< [stored values]
  std::vector<float> values;             ///< [stored values]
};

/// One row of any tabular format, dense or sparse as its file has it.
struct Row {
  std::vector<float> labels;
  bool sparse = false;
  std::int64_t columns = 0;        ///< width; 0 in a sparse row whose format does not tell it
  std::vector<std::int64_t> keys;  ///< sparse: columns of `values`, ascending, none twice
  std::vector<float> values;       ///< dense: one a column
};

}  // namespace millrace
