#pragma once

#include <cstdint>
#include <vector>

namespace millrace {

/// Rows in compressed sparse row form, reused from batch to batch: row r holds values[i] in column
/// indices[i] for i from row_starts[r] up to row_starts[r + 1]; indices ascend, none comes twice.
struct SparseBatch {
  std::int64_t rows = 0;
  std::int64_t columns = 0;              ///< features of a row, stored or zero
  std::int64_t label_columns = 0;        ///< labels of a row
  std::vector<std::int64_t> row_starts;  ///< [rows + 1]
  std::vector<std::int64_t> indices;     ///< [stored values], each below `columns`
  std::vector<float> values;             ///< [stored values]
  std::vector<float> labels;             ///< [rows, label_columns]
};

}  // namespace millrace
