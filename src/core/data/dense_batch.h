#pragma once

#include <cstdint>
#include <vector>

namespace millrace {

/// Rows ready for a tensor: row-major, reused from batch to batch so that a steady reader allocates
/// nothing.
struct DenseBatch {
  std::int64_t rows = 0;
  std::int64_t columns = 0;        ///< features of a row
  std::int64_t label_columns = 0;  ///< labels of a row
  std::vector<float> features;     ///< [rows, columns]
  std::vector<float> labels;       ///< [rows, label_columns]
};

}  // namespace millrace
