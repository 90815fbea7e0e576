#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/data/csv_number.h"

namespace millrace {

/// The instructions that turn text into numbers. All give the same bits.
enum class CsvPath { Portable, Avx2, Avx512 };

/// Whether this processor has the instructions of `path`.
bool can_run(CsvPath path);
/// The fastest path of this processor.
CsvPath best_csv_path();

/// What a kernel got through.
struct CsvRun {
  std::size_t bytes = 0;  ///< always whole lines
  std::int64_t rows = 0;
};

/// The kernels read up to this many bytes beyond the text, and may write as many floats beyond the
/// last value.
inline constexpr std::size_t kCsvPadding = 64;

/// Converts lines of exactly `columns` numbers from the start of `text`, which ends with '\n' and
/// is followed by kCsvPadding readable bytes, to `out` (room for a float per two bytes of text and
/// kCsvPadding more). Stops before the first line that is anything else: blank, ragged, or with a
/// field that parse_csv_number refuses. Kernels convert; what a line is that they leave, and what
/// is wrong with it, parse_csv_line says.
using CsvKernel = CsvRun (*)(std::string_view text, std::int64_t columns, NonFinite policy,
                             float* out);

/// The kernel of a path that can run here.
CsvKernel csv_kernel(CsvPath path);

}  // namespace millrace
