#include "trainer/tabular/tabular_scorer.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/content_types.h"
#include "core/data/json_instances.h"
#include "core/data/record_message.h"
#include "core/data/recordio.h"
#include "trainer/tabular/row_reader.h"

namespace millrace {
namespace {

/// Rows that are read, scored and written together, at most; wide rows are fewer.
constexpr std::int64_t kMaxRows = 8192;

using TakeBatch = std::function<void(const TabularBatch&)>;

/// Hands the rows of a request over in batches, whatever their format.
class Requested {
 public:
  Requested(const ScoreRequest& request, const ContentType& type, std::int64_t columns)
      : request_(request),
        type_(type),
        columns_(columns),
        max_rows_(std::clamp<std::int64_t>(kMaxDensifiedValues / columns, 1, kMaxRows)) {}

  void read(ByteSource& body, const TakeBatch& take) {
    switch (type_.format) {
      case DataFormat::Csv:
      case DataFormat::RecordIoProtobuf:
        return read_stream(body, take);
      case DataFormat::JsonLines:
        return read_lines(body, take);
      default:
        return read_document(body, take);
    }
  }

 private:
  struct Borrowed final : ByteSource {
    explicit Borrowed(ByteSource& borrowed) : source(borrowed) {}
    std::size_t read(std::span<char> buffer) override { return source.read(buffer); }
    ByteSource& source;
  };

  void read_stream(ByteSource& body, const TakeBatch& take) {
    bool given = false;
    const NextSource only = [&]() -> std::optional<NamedSource> {
      if (given) return std::nullopt;
      given = true;
      return NamedSource{.name = request_.origin, .source = std::make_unique<Borrowed>(body)};
    };
    const auto rows = open_rows(type_.format, only, {.label_size = type_.label_size.value_or(0)});
    TabularBatch batch;
    while (rows->read(batch, max_rows_)) {
      require_columns(batch.columns());
      take(batch);
    }
  }

  void read_lines(ByteSource& body, const TakeBatch& take) {
    JsonLinesReader lines(body, request_.origin);
    TabularBatch batch;
    for (Row row; lines.read(row);) add(row, batch, take);
    if (batch.rows() > 0) take(batch);
  }

  void read_document(ByteSource& body, const TakeBatch& take) {
    const std::string text = read_all(body, kMaxInstancesBytes, request_.origin);
    TabularBatch batch;
    for (const Row& row : read_instances(text, request_.origin)) add(row, batch, take);
    if (batch.rows() > 0) take(batch);
  }

  void add(const Row& row, TabularBatch& batch, const TakeBatch& take) {
    require_columns(row.columns);
    if (batch.rows() == 0) batch.clear(row.sparse && columns_ * max_rows_ > kMaxDensifiedValues);
    batch.append(row);
    if (batch.rows() < max_rows_) return;
    take(batch);
    batch.clear(batch.is_sparse);
  }

  void require_columns(std::int64_t columns) const {
    if (columns == columns_) return;
    const bool has_label = type_.format == DataFormat::Csv && columns == columns_ + 1;
    throw Error(Blame::Customer,
                Problem{.where = request_.origin,
                        .given = std::to_string(columns) + " features in a row",
                        .expected = std::to_string(columns_) + ", as the model was trained on",
                        .fix = has_label ? "If the first column is the label, say so: "
                                           "'text/csv;label_size=1'."
                                         : "Give the features in the order of training."});
  }

  const ScoreRequest& request_;
  const ContentType& type_;
  std::int64_t columns_;
  std::int64_t max_rows_;
};

/// Writes predictions in one of the four forms.
class Answer {
 public:
  Answer(DataFormat format, std::string_view list, ByteSink& out)
      : format_(format), out_(out), records_(out) {
    if (format_ == DataFormat::JsonDocument) text_ = "{\"" + std::string(list) + "\":[";
  }

  void write(const Prediction& prediction) {
    switch (format_) {
      case DataFormat::RecordIoProtobuf:
        return write_record(prediction);
      case DataFormat::Csv:
        append_prediction_numbers(text_, prediction);
        text_ += '\n';
        break;
      case DataFormat::JsonLines:
        append_prediction(text_, prediction);
        text_ += '\n';
        break;
      default:
        if (!first_) text_ += ',';
        append_prediction(text_, prediction);
    }
    first_ = false;
    flush_above(kFlushBytes);
  }

  void finish() {
    if (format_ == DataFormat::JsonDocument) text_ += "]}";
    flush_above(0);
  }

 private:
  static constexpr std::size_t kFlushBytes = 64 * 1024;

  void flush_above(std::size_t bytes) {
    if (text_.size() <= bytes) return;
    out_.write(text_);
    text_.clear();
  }

  void write_record(const Prediction& prediction) {
    std::vector<Float32Tensor> members;
    for (const PredictionMember& member : prediction)
      members.push_back({.name = member.name, .values = member.values});
    message_.clear();
    append_record_message(message_, {}, members);
    records_.write(message_);
  }

  DataFormat format_;
  ByteSink& out_;
  RecordIoWriter records_;
  std::string text_, message_;
  bool first_ = true;
};

}  // namespace

std::string TabularScorer::answer(const ScoreRequest& request, ByteSource& body, ByteSink& out) {
  const auto allowed = [](DataFormat format) {
    return format == DataFormat::Csv || format == DataFormat::RecordIoProtobuf ||
           format == DataFormat::JsonDocument || format == DataFormat::JsonLines;
  };
  const auto require_allowed = [&](const ContentType& type, std::string_view place) {
    if (allowed(type.format)) return;
    throw Error(Blame::Customer,
                Problem{.where = request.origin + ", " + std::string(place),
                        .given = type.media_type,
                        .expected = "text/csv, application/x-recordio-protobuf, application/json "
                                    "or application/jsonlines",
                        .fix = "Send rows in one of these forms."});
  };
  const ContentType given = parse_content_type(request.content_type, request.origin);
  require_allowed(given, "Content-Type");
  const bool any = request.accept.empty() || request.accept == "*/*";
  const ContentType wanted = parse_content_type(
      any ? std::string(names_of(DataFormat::JsonDocument).media_types[0]) : request.accept,
      request.origin);
  require_allowed(wanted, "Accept");

  Answer answer(wanted.format, list_name(), out);
  Requested(request, given, columns()).read(body, [&](const TabularBatch& batch) {
    for (const Prediction& prediction : predict(batch, wanted.verbose)) answer.write(prediction);
  });
  answer.finish();
  return wanted.media_type;
}

}  // namespace millrace
