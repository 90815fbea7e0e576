#include "trainer/tabular/row_reader.h"

#include <utility>

#include "core/base/check.h"
#include "core/data/csv_reader.h"
#include "core/data/recordio_protobuf.h"

namespace millrace {
namespace {

class CsvRows final : public RowReader {
 public:
  CsvRows(NextSource files, const RowOptions& options)
      : reader_(std::move(files), {.label_size = options.label_size,
                                   .columns = row_columns(options),
                                   .threads = options.threads}) {}

  bool read(TabularBatch& batch, std::int64_t max_rows) override {
    batch.is_sparse = false;
    return reader_.read(batch.dense, max_rows);
  }

 private:
  static std::optional<std::int64_t> row_columns(const RowOptions& options) {
    if (!options.columns) return std::nullopt;
    return *options.columns + options.label_size;
  }

  CsvReader reader_;
};

/// Dense or sparse as the first record is, as long as that is not too large to be made dense.
class ProtobufRows final : public RowReader {
 public:
  ProtobufRows(NextSource files, const RowOptions& options)
      : reader_(std::move(files), {.label_size = options.label_size, .columns = options.columns}) {}

  bool read(TabularBatch& batch, std::int64_t max_rows) override {
    if (!form_) {
      if (!reader_.read(first_)) return false;
      form_ = first_.sparse && first_.columns * max_rows > kMaxDensifiedValues ? Form::Sparse
                                                                               : Form::Dense;
      batch.dense = {};
      batch.sparse = {};
      batch.sparse.row_starts.assign(1, 0);
      if (max_rows > 1) read_more(batch, max_rows - 1);
      form_ == Form::Sparse ? put_first(batch.sparse) : put_first(batch.dense);
      batch.is_sparse = form_ == Form::Sparse;
      return true;
    }
    return read_more(batch, max_rows);
  }

 private:
  enum class Form { Dense, Sparse };

  bool read_more(TabularBatch& batch, std::int64_t max_rows) {
    batch.is_sparse = form_ == Form::Sparse;
    return batch.is_sparse ? reader_.read(batch.sparse, max_rows)
                           : reader_.read(batch.dense, max_rows);
  }

  void put_first(DenseBatch& batch) {
    std::vector<float> row = std::move(first_.values);
    if (first_.sparse) {
      std::vector<float> dense(static_cast<std::size_t>(first_.columns));
      for (std::size_t i = 0; i < row.size(); ++i)
        dense[static_cast<std::size_t>(first_.indices[i])] = row[i];
      row = std::move(dense);
    }
    ++batch.rows;
    batch.columns = first_.columns;
    batch.label_columns = static_cast<std::int64_t>(first_.labels.size());
    batch.features.insert(batch.features.begin(), row.begin(), row.end());
    batch.labels.insert(batch.labels.begin(), first_.labels.begin(), first_.labels.end());
  }

  void put_first(SparseBatch& batch) {
    const auto stored = static_cast<std::int64_t>(first_.values.size());
    ++batch.rows;
    batch.columns = first_.columns;
    batch.label_columns = static_cast<std::int64_t>(first_.labels.size());
    for (std::int64_t& start : batch.row_starts) start += stored;
    batch.row_starts.insert(batch.row_starts.begin(), 0);
    batch.indices.insert(batch.indices.begin(), first_.indices.begin(), first_.indices.end());
    batch.values.insert(batch.values.begin(), first_.values.begin(), first_.values.end());
    batch.labels.insert(batch.labels.begin(), first_.labels.begin(), first_.labels.end());
  }

  RecordIoProtobufReader reader_;
  Row first_;  ///< tells the form of all
  std::optional<Form> form_;
};

}  // namespace

std::unique_ptr<RowReader> open_rows(TabularFormat format, NextSource files, RowOptions options) {
  MILLRACE_CHECK(format == TabularFormat::Csv || format == TabularFormat::Protobuf);
  if (format == TabularFormat::Csv) return std::make_unique<CsvRows>(std::move(files), options);
  return std::make_unique<ProtobufRows>(std::move(files), options);
}

}  // namespace millrace
