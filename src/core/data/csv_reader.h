#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/data/csv_kernel.h"
#include "core/data/csv_number.h"
#include "core/data/dense_batch.h"
#include "core/data/row_places.h"
#include "core/io/byte_source.h"
#include "core/io/named_source.h"

namespace millrace {

struct CsvOptions {
  std::int64_t label_size = 1;  ///< leading columns that are the label; 0 when there is none
  std::optional<std::int64_t> columns;  ///< of a row, labels included; nullopt: the first row says
  NonFinite non_finite = NonFinite::Refuse;
  int threads = 1;                 ///< how many parse, the caller of read() among them
  CsvPath path = best_csv_path();  ///< tests and benchmarks choose another
};

class CsvBlocks;
struct CsvBlock;

/// Reads numeric CSV (`text/csv` without a header row) from a stream into mini-batches.
///
///     CsvReader csv(fifo, "channel 'train'", {.label_size = 1, .threads = 2});
///     DenseBatch batch;
///     while (csv.read(batch, 1000)) learner.step(batch);
///
/// Never seeks, and holds a few blocks of input (kCsvBlockBytes, or a line if that is longer; their
/// sum is bounded by kMaxCsvBytesAhead) whatever the size of the stream, so that files and FIFOs
/// are read alike. Rows come in the order of the stream, whatever the threads; how the stream is
/// cut into reads makes no difference. Format: docs/reference/formats/csv.md.
///
/// With threads, read() of the source is called by one thread at a time, ahead of what the caller
/// has taken; the destructor waits for a read in progress.
class CsvReader {
 public:
  /// `source` must outlive the reader; messages call it `origin`.
  CsvReader(ByteSource& source, std::string origin, CsvOptions options);
  /// Several files as one stream of rows; messages name the file and the line in it.
  CsvReader(NextSource files, CsvOptions options);
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;
  ~CsvReader();

  /// Puts the next `max_rows` rows, at least one, in `batch` and returns false once the stream is
  /// exhausted; only the last batch is shorter, and never empty.
  ///
  /// Throws Error(Customer) naming file, line and column of a field that is no number, of a row of
  /// another length, of a line above kMaxCsvLineBytes; and what the source throws. The rows before
  /// the fault are delivered as long as they fill batches, and a call after the error throws it
  /// again.
  bool read(DenseBatch& batch, std::int64_t max_rows);
  /// Files and lines of the rows of the last batch.
  [[nodiscard]] const RowPlaces& places() const { return places_; }

 private:
  void begin_block();
  void note_places(std::int64_t batch_row, std::int64_t rows);
  void take_rows(DenseBatch& batch, std::int64_t rows);
  [[noreturn]] void refuse() const;

  std::int64_t label_size_;
  std::unique_ptr<CsvBlocks> blocks_;
  const CsvBlock* block_ = nullptr;  ///< whose rows are being handed out
  std::int64_t taken_ = 0;           ///< of its rows
  std::int64_t lines_before_ = 0;    ///< lines of its file before it
  RowPlaces::Origin origin_;         ///< its file
  std::size_t gap_ = 0;              ///< of its gaps, the first behind the rows taken
  std::int64_t blanks_ = 0;          ///< blank lines before the rows behind those taken
  RowPlaces places_;
};

}  // namespace millrace
