#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/data/csv_block.h"
#include "core/io/byte_source.h"
#include "core/io/named_source.h"

namespace millrace {

/// The text of a block: so small that it and its numbers stay in a core's own cache.
inline constexpr std::size_t kCsvBlockBytes = std::size_t{256} * 1024;
/// A longer line is refused: 2.5 million columns of 25 characters are well below.
inline constexpr std::size_t kMaxCsvLineBytes = std::size_t{64} << 20;

/// Cuts files into blocks at line ends. How the stream is cut into reads makes no difference.
class CsvCutter {
 public:
  /// Without `columns`, the first row says how many a row has; they must be more than `label_size`.
  CsvCutter(NextSource next, std::optional<std::int64_t> columns, std::int64_t label_size)
      : next_(std::move(next)), columns_(columns), label_size_(label_size) {}

  /// Puts the next lines in `text` and returns false at the end of the last file. What stops the
  /// reading (a line above kMaxCsvLineBytes, a failing source) is left in the text, after the
  /// lines before it, and nothing follows it.
  bool cut(CsvText& text);

 private:
  void open_next();
  void fill(CsvText& text);
  void describe(CsvText& text);

  NextSource next_;
  std::optional<std::int64_t> columns_;
  std::int64_t label_size_;
  std::optional<NamedSource> file_;
  bool file_begins_ = false;
  bool ended_ = false;
  RawBuffer<char> carry_;  ///< the start of a line whose end was not read yet
  std::size_t carried_ = 0;
};

}  // namespace millrace
