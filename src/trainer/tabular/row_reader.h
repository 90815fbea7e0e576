#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/data/content_types.h"
#include "core/data/row_places.h"
#include "core/io/named_source.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace {

struct RowOptions {
  std::int64_t label_size = 0;
  std::optional<std::int64_t> columns;  ///< features of a row; nullopt: the first row says
  int threads = 1;                      ///< that parse, where the format can be divided
};

/// Rows of one format, read once, forwards. The one place where the formats of training differ.
class RowReader {
 public:
  virtual ~RowReader() = default;

  /// Puts the next `max_rows` rows in `batch` and returns false once the stream is exhausted; only
  /// the last batch is shorter, and never empty. Throws what the format's reader throws:
  /// Error(Customer) naming file and place of what is wrong.
  virtual bool read(TabularBatch& batch, std::int64_t max_rows) = 0;
  /// Files and lines, or records, of the rows of the last batch.
  [[nodiscard]] virtual const RowPlaces& places() const = 0;
};

/// Values of a sparse batch that would be made dense (16 MiB): where a batch of dense rows is at
/// most this large, dense arithmetic is faster and rows are made dense; above it they stay sparse.
inline constexpr std::int64_t kMaxDensifiedValues = std::int64_t{4} << 20;

/// Over CSV or recordio-protobuf; `files` as the readers of core/data take them.
std::unique_ptr<RowReader> open_rows(DataFormat format, NextSource files, RowOptions options);

}  // namespace millrace
