#include "trainer/tabular/row_reader.h"

#include <utility>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/data/csv_reader.h"
#include "core/data/recordio_protobuf.h"

namespace millrace {
namespace {

class CsvRows final : public RowReader {
 public:
  // The first row tells the columns, whatever is expected: it is not the row that is wrong then.
  CsvRows(NextSource files, const RowOptions& options)
      : reader_(std::move(files), {.label_size = options.label_size, .threads = options.threads}),
        expected_(options.columns) {}

  bool read(TabularBatch& batch, std::int64_t max_rows) override {
    batch.is_sparse = false;
    if (!reader_.read(batch.dense, max_rows)) return false;
    check_width(batch.dense.columns);
    return true;
  }
  [[nodiscard]] const RowPlaces& places() const override { return reader_.places(); }

 private:
  void check_width(std::int64_t columns) const {
    if (columns == expected_.value_or(columns)) return;
    const RowPlaces::Place first = *places().of(0);
    throw Error(Blame::Customer,
                Problem{.where = first.origin + ", line " + std::to_string(first.number),
                        .given = std::to_string(columns) + " features",
                        .expected = std::to_string(*expected_) +
                                    ", as feature_dim or the channel read before says",
                        .fix = "Give all channels the same columns, and set feature_dim to the "
                               "number of their features or leave it out."});
  }

  CsvReader reader_;
  std::optional<std::int64_t> expected_;  ///< features of a row
};

/// Dense or sparse as the first record is, as long as that is not too large to be made dense.
class ProtobufRows final : public RowReader {
 public:
  ProtobufRows(NextSource files, const RowOptions& options)
      : reader_(std::move(files), {.label_size = options.label_size, .columns = options.columns}) {}

  bool read(TabularBatch& batch, std::int64_t max_rows) override {
    if (is_sparse_) {
      if (!read_more(batch, max_rows)) return false;
      places_ = reader_.places();
      return true;
    }
    Row first;
    if (!reader_.read(first)) return false;
    places_ = reader_.places();
    is_sparse_ = first.sparse && first.columns * max_rows > kMaxDensifiedValues;
    // The readers fill whole batches; the row that told the form goes in front of the others.
    TabularBatch rest;
    if (max_rows > 1 && read_more(rest, max_rows - 1)) places_.append(reader_.places(), 1);
    batch.clear(*is_sparse_);
    batch.append(first);
    for (std::int64_t row = 0; row < rest.rows(); ++row) batch.append(rest.row(row));
    return true;
  }
  [[nodiscard]] const RowPlaces& places() const override { return places_; }

 private:
  bool read_more(TabularBatch& batch, std::int64_t max_rows) {
    batch.is_sparse = *is_sparse_;
    return batch.is_sparse ? reader_.read(batch.sparse, max_rows)
                           : reader_.read(batch.dense, max_rows);
  }

  RecordIoProtobufReader reader_;
  std::optional<bool> is_sparse_;  ///< as the first row is
  RowPlaces places_;
};

}  // namespace

std::unique_ptr<RowReader> open_rows(DataFormat format, NextSource files, RowOptions options) {
  MILLRACE_CHECK(format == DataFormat::Csv || format == DataFormat::RecordIoProtobuf);
  if (format == DataFormat::Csv) return std::make_unique<CsvRows>(std::move(files), options);
  return std::make_unique<ProtobufRows>(std::move(files), options);
}

}  // namespace millrace
