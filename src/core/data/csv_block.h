#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// A run of whole lines of one file: the unit in which a CsvReader divides work among threads.
struct CsvText {
  RawBuffer<char> buffer;  ///< `bytes` of lines, the last one ended too, then kCsvPadding zeros
  std::size_t bytes = 0;
  std::string file;          ///< the name of the file the lines are in
  bool starts_file = false;  ///< the first line is the first of its file
  std::int64_t columns = 1;  ///< that every row must have
  /// What is wrong with the line after these, where the cutter knows; its line is not counted yet.
  std::optional<CsvFault> fault;
  std::exception_ptr failure;  ///< the stream broke off after these lines

  [[nodiscard]] std::string_view lines() const { return {buffer.data(), bytes}; }
};

/// Blank lines among the rows of a block.
struct CsvGap {
  std::int64_t row = 0;     ///< of the block, behind the blank lines
  std::int64_t blanks = 0;  ///< blank lines of the block before it, in all
};

/// The numbers of a CsvText.
struct CsvBlock {
  RawBuffer<float> values;  ///< [rows, columns]
  std::int64_t rows = 0;
  std::int64_t columns = 1;
  std::int64_t lines = 0;    ///< rows and blank lines, up to the fault if there is one
  std::vector<CsvGap> gaps;  ///< ascending
  std::size_t bytes = 0;     ///< of the text
  std::string file;
  bool starts_file = false;
  std::optional<CsvFault> fault;  ///< what is wrong with the line after the rows
  std::exception_ptr failure;     ///< the stream broke off after the rows
};

/// Fills `block`, whose memory is used again.
void parse_csv_text(const CsvText& text, CsvPath path, NonFinite policy, CsvBlock& block);

}  // namespace millrace
