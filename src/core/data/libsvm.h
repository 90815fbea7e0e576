#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/dense_batch.h"
#include "core/data/line_reader.h"
#include "core/data/row.h"
#include "core/data/sparse_batch.h"
#include "core/io/byte_source.h"

namespace millrace {

/// Columns are numbered up to here: what a 32-bit index can say.
inline constexpr std::int64_t kMaxLibsvmIndex = (std::int64_t{1} << 31) - 1;

struct LibsvmOptions {
  /// What the first column is called: 1 as LIBSVM writes it, or 0. It is never guessed, since a
  /// stream shows only at its end whether an index 0 occurs.
  std::int64_t index_base = 1;
  /// Features of a row; nullopt: not known, a batch is as wide as the largest index so far.
  std::optional<std::int64_t> columns;
};

/// Reads `text/libsvm`: `label index:value index:value ...`, one row a line, indices ascending,
/// what is left out is zero. `#` begins a comment up to the end of the line; empty lines are passed
/// over. Never seeks and holds one line besides the batch.
/// Format: docs/reference/formats/libsvm.md.
///
///     LibsvmReader rows(source, "a.libsvm", {.index_base = 1, .columns = 784});
///     SparseBatch batch;
///     while (rows.read(batch, 1000)) learner.step(batch);
///
/// Throws Error(Customer) naming origin, line and byte of a label, index or value that is none, of
/// indices that do not ascend or lie outside the columns, and of `qid:`.
class LibsvmReader {
 public:
  /// `source` must outlive the reader; messages call it `origin`.
  LibsvmReader(ByteSource& source, std::string origin, LibsvmOptions options);

  /// Puts up to `max_rows` rows in `batch` and returns false once the stream is exhausted; the last
  /// batch may be short, never empty. One label a row.
  bool read(SparseBatch& batch, std::int64_t max_rows);
  /// The next row, sparse; its width is options.columns, or 0 where that is not given.
  bool read(Row& row);

  /// The largest column so far and one: how wide the data are at least.
  [[nodiscard]] std::int64_t columns_seen() const { return columns_seen_; }

 private:
  /// The next line that holds a row, its comment cut off.
  std::optional<std::string_view> next_line();
  float take_label(std::string_view& line) const;
  void take_pairs(std::string_view line, std::vector<std::int64_t>& indices,
                  std::vector<float>& values);
  std::int64_t parse_index(std::string_view text) const;
  float parse_number(std::string_view text, const char* what) const;

  LineReader lines_;
  LibsvmOptions options_;
  std::int64_t columns_seen_ = 0;
};

/// Writes `text/libsvm`; zeros are left out.
class LibsvmWriter {
 public:
  /// `sink` must outlive the writer.
  LibsvmWriter(ByteSink& sink, std::int64_t index_base) : sink_(sink), index_base_(index_base) {}

  /// Throws Error(Customer) for a row of several labels; one without a label gets 0.
  void write(const Row& row);

 private:
  ByteSink& sink_;
  std::int64_t index_base_;
  std::string line_;
};

}  // namespace millrace
