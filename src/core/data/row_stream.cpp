#include "core/data/row_stream.h"

#include <utility>

#include "core/base/error.h"
#include "core/data/csv_reader.h"
#include "core/data/csv_writer.h"
#include "core/data/json_instances.h"
#include "core/data/libsvm.h"
#include "core/data/recordio_protobuf.h"

namespace millrace {
namespace {

/// CSV is parsed in batches and handed out row by row.
class CsvRows final : public RowReader {
 public:
  CsvRows(ByteSource& source, std::string origin, const RowOptions& options)
      : csv_(source, std::move(origin), csv_options(options)) {}

  bool read(Row& row) override {
    if (at_ == batch_.rows) {
      at_ = 0;
      batch_.rows = 0;
      if (!csv_.read(batch_, kBatchRows)) return false;
    }
    const auto slice = [&](const std::vector<float>& values, std::int64_t width) {
      const auto begin = values.begin() + at_ * width;
      return std::pair(begin, begin + width);
    };
    const auto [label, label_end] = slice(batch_.labels, batch_.label_columns);
    const auto [value, value_end] = slice(batch_.features, batch_.columns);
    row.labels.assign(label, label_end);
    row.values.assign(value, value_end);
    row.sparse = false;
    row.columns = batch_.columns;
    row.indices.clear();
    ++at_;
    return true;
  }

 private:
  static constexpr std::int64_t kBatchRows = 64;

  static CsvOptions csv_options(const RowOptions& options) {
    CsvOptions csv{.label_size = options.label_size.value_or(1)};
    if (options.columns) csv.columns = *options.columns + csv.label_size;
    return csv;
  }

  CsvReader csv_;
  DenseBatch batch_;
  std::int64_t at_ = 0;
};

class ProtobufRows final : public RowReader {
 public:
  ProtobufRows(ByteSource& source, std::string origin, const RowOptions& options)
      : reader_(source, std::move(origin),
                {.label_size = options.label_size, .columns = options.columns}) {}
  bool read(Row& row) override { return reader_.read(row); }
  [[nodiscard]] std::int64_t narrowed() const override { return reader_.narrowed(); }
  [[nodiscard]] std::int64_t left_out() const override { return reader_.left_out(); }

 private:
  RecordIoProtobufReader reader_;
};

class LibsvmRows final : public RowReader {
 public:
  LibsvmRows(ByteSource& source, std::string origin, const RowOptions& options)
      : reader_(source, std::move(origin),
                {.index_base = options.index_base, .columns = options.columns}) {}
  bool read(Row& row) override { return reader_.read(row); }

 private:
  LibsvmReader reader_;
};

class JsonLinesRows final : public RowReader {
 public:
  JsonLinesRows(ByteSource& source, std::string origin) : reader_(source, std::move(origin)) {}
  bool read(Row& row) override { return reader_.read(row); }

 private:
  JsonLinesReader reader_;
};

class JsonRows final : public RowReader {
 public:
  JsonRows(ByteSource& source, const std::string& origin)
      : rows_(read_instances(read_all(source, kMaxInstancesBytes, origin), origin)) {}
  bool read(Row& row) override {
    if (at_ == rows_.size()) return false;
    row = std::move(rows_[at_++]);
    return true;
  }

 private:
  std::vector<Row> rows_;
  std::size_t at_ = 0;
};

class CsvRowWriter final : public RowWriter {
 public:
  explicit CsvRowWriter(ByteSink& sink) : csv_(sink) {}
  void write(const Row& row) override {
    if (row.sparse) make_dense(row, dense_);
    csv_.write(row.labels, row.sparse ? dense_ : row.values);
  }
  void finish() override { csv_.finish(); }

 private:
  CsvWriter csv_;
  std::vector<float> dense_;
};

class ProtobufRowWriter final : public RowWriter {
 public:
  explicit ProtobufRowWriter(ByteSink& sink) : writer_(sink) {}
  void write(const Row& row) override { writer_.write(row); }

 private:
  RecordIoProtobufWriter writer_;
};

class LibsvmRowWriter final : public RowWriter {
 public:
  LibsvmRowWriter(ByteSink& sink, std::int64_t index_base) : writer_(sink, index_base) {}
  void write(const Row& row) override { writer_.write(row); }

 private:
  LibsvmWriter writer_;
};

class JsonLinesRowWriter final : public RowWriter {
 public:
  explicit JsonLinesRowWriter(ByteSink& sink) : sink_(sink) {}
  void write(const Row& row) override {
    if (!row.labels.empty()) {
      throw Error(Blame::Customer, Problem{.where = "row",
                                           .given = std::to_string(row.labels.size()) + " labels",
                                           .expected = "no labels, as JSON lines of requests have",
                                           .fix = "Leave the labels out first."});
    }
    line_.clear();
    append_instance_line(line_, row);
    sink_.write(line_);
  }

 private:
  ByteSink& sink_;
  std::string line_;
};

[[noreturn]] void refuse_format(DataFormat format, const char* expected) {
  throw Error(Blame::Customer, Problem{.where = "format",
                                       .given = std::string(names_of(format).name),
                                       .expected = expected,
                                       .fix = {}});
}

}  // namespace

bool is_table(DataFormat format) {
  switch (format) {
    case DataFormat::Csv:
    case DataFormat::RecordIoProtobuf:
    case DataFormat::Libsvm:
    case DataFormat::JsonLines:
    case DataFormat::JsonDocument:
      return true;
    default:
      return false;
  }
}

std::unique_ptr<RowReader> read_rows(DataFormat format, ByteSource& source, std::string origin,
                                     const RowOptions& options) {
  switch (format) {
    case DataFormat::Csv:
      return std::make_unique<CsvRows>(source, std::move(origin), options);
    case DataFormat::RecordIoProtobuf:
      return std::make_unique<ProtobufRows>(source, std::move(origin), options);
    case DataFormat::Libsvm:
      return std::make_unique<LibsvmRows>(source, std::move(origin), options);
    case DataFormat::JsonLines:
      return std::make_unique<JsonLinesRows>(source, std::move(origin));
    case DataFormat::JsonDocument:
      return std::make_unique<JsonRows>(source, origin);
    default:
      refuse_format(format, "csv, recordio-protobuf, libsvm, jsonlines or json");
  }
}

std::unique_ptr<RowWriter> write_rows(DataFormat format, ByteSink& sink,
                                      const RowOptions& options) {
  switch (format) {
    case DataFormat::Csv:
      return std::make_unique<CsvRowWriter>(sink);
    case DataFormat::RecordIoProtobuf:
      return std::make_unique<ProtobufRowWriter>(sink);
    case DataFormat::Libsvm:
      return std::make_unique<LibsvmRowWriter>(sink, options.index_base);
    case DataFormat::JsonLines:
      return std::make_unique<JsonLinesRowWriter>(sink);
    default:
      refuse_format(format, "csv, recordio-protobuf, libsvm or jsonlines");
  }
}

void make_dense(const Row& row, std::vector<float>& values) {
  if (row.columns == 0 || row.columns > kMaxDenseColumns) {
    throw Error(
        Blame::Customer,
        Problem{
            .where = "sparse row",
            .given = row.columns == 0 ? "no width" : std::to_string(row.columns) + " features",
            .expected = "a known number of features, at most " + std::to_string(kMaxDenseColumns),
            .fix = "Give the number of features, or keep the data sparse."});
  }
  values.assign(static_cast<std::size_t>(row.columns), 0.0f);
  for (std::size_t i = 0; i < row.indices.size(); ++i)
    values[static_cast<std::size_t>(row.indices[i])] = row.values[i];
}

}  // namespace millrace
