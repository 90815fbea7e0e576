#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/data/content_types.h"
#include "core/data/row.h"
#include "core/io/byte_source.h"

namespace millrace {

/// The rows of a table in any of its formats, for converters and inspectors that do not care which.
class RowReader {
 public:
  virtual ~RowReader() = default;
  /// The next row; false at the end. Throws Error(Customer) as the format's own reader does.
  virtual bool read(Row& row) = 0;
  /// Values so far that float32 holds only rounded, where the format tells: float64 and int32.
  [[nodiscard]] virtual std::int64_t narrowed() const { return 0; }
  /// Records so far that hold more than the row tells, as protobuf messages may.
  [[nodiscard]] virtual std::int64_t left_out() const { return 0; }
};

class RowWriter {
 public:
  virtual ~RowWriter() = default;
  virtual void write(const Row& row) = 0;
  /// To be called once, after the last row.
  virtual void finish() {}
};

struct RowOptions {
  std::optional<std::int64_t> label_size;  ///< CSV: nullopt is 1; protobuf: as the first record has
  std::int64_t index_base = 1;             ///< of libsvm
  std::optional<std::int64_t> columns;     ///< features, where the format does not tell
};

/// Whether read_rows() and write_rows() know the format: CSV, recordio-protobuf, libsvm, JSON
/// lines, and JSON for reading.
bool is_table(DataFormat format);

/// `source` must outlive the reader; messages call it `origin`. Throws Error(Customer) for a format
/// that is no table.
std::unique_ptr<RowReader> read_rows(DataFormat format, ByteSource& source, std::string origin,
                                     const RowOptions& options);

/// `sink` must outlive the writer. Throws Error(Customer) for a format that is no table or is only
/// read. Writing a row throws Error(Customer) where the format cannot hold it: a sparse row of
/// unknown width in CSV, protobuf or JSON lines, several labels in libsvm, labels in JSON lines.
std::unique_ptr<RowWriter> write_rows(DataFormat format, ByteSink& sink, const RowOptions& options);

/// Puts zeros where a sparse row stores nothing. Throws Error(Customer) for a row of unknown width
/// or wider than kMaxDenseColumns.
void make_dense(const Row& row, std::vector<float>& values);

}  // namespace millrace
