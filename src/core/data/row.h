#pragma once

#include <cstdint>
#include <vector>

namespace millrace {

/// One row of any tabular format, dense or sparse as its file has it; what converters pass on.
struct Row {
  std::vector<float> labels;
  bool sparse = false;
  std::int64_t columns = 0;  ///< features, stored or zero; 0 where a sparse format does not tell
  std::vector<std::int64_t> indices;  ///< sparse: columns of `values`, ascending, none twice
  std::vector<float> values;          ///< dense: one a column
};

}  // namespace millrace
