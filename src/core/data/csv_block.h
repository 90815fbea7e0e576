#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/data/csv_kernel.h"
#include "core/data/csv_line.h"

namespace millrace {

/// Bytes or floats that are written before they are read: growing keeps what was there and
/// initialises nothing.
template <class T>
class RawBuffer {
 public:
  [[nodiscard]] T* data() { return data_.get(); }
  [[nodiscard]] const T* data() const { return data_.get(); }

  /// Room for at least `wanted` items; the first `kept` are kept.
  void reserve(std::size_t wanted, std::size_t kept);

 private:
  std::unique_ptr<T[]> data_;
  std::size_t capacity_ = 0;
};

/// A run of whole lines of one file, as text and as numbers: the unit in which a CsvReader divides
/// work among threads.
struct CsvBlock {
  RawBuffer<char> text;  ///< `bytes` of lines, the last one ended too, then kCsvPadding zeros
  std::size_t bytes = 0;
  std::string file;          ///< the name of the file the lines are in
  bool starts_file = false;  ///< the first line is the first of its file
  std::int64_t columns = 0;  ///< that every row must have

  RawBuffer<float> values;  ///< [rows, columns]
  std::int64_t rows = 0;
  std::int64_t lines = 0;  ///< rows and blank lines before the fault, or all
  /// The line after the rows, where it is wrong. Set by the cutter for a line that is too long.
  std::optional<CsvFault> fault;
  std::exception_ptr failure;  ///< the stream broke off after the rows

  [[nodiscard]] std::string_view lines_text() const { return {text.data(), bytes}; }
};

/// Fills values, rows, lines and, at the first wrong line, fault.
void parse_csv_block(CsvBlock& block, CsvPath path, NonFinite policy);

}  // namespace millrace
