#include "trainer/tabular/tabular_scorer.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>

#include "core/base/error.h"
#include "core/data/content_types.h"
#include "core/data/json_instances.h"
#include "core/data/negotiation.h"
#include "core/data/record_message.h"
#include "core/data/recordio.h"
#include "trainer/job/combined_calls.h"
#include "trainer/tabular/row_reader.h"

namespace millrace {
namespace {

/// Rows that are read, scored and written together, at most; wide rows are fewer.
constexpr std::int64_t kMaxRows = 8192;

/// Of requests and answers; the first is what is answered unless something else is asked for.
constexpr std::array kForms{DataFormat::JsonDocument, DataFormat::JsonLines,
                            DataFormat::RecordIoProtobuf, DataFormat::Csv};

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

/// Rows of several requests, predicted as one batch.
class TabularScorer::Together {
 public:
  Together(const TabularScorer& scorer, std::chrono::microseconds delay)
      : scorer_(scorer),
        calls_([this](std::span<Call* const> calls) { run(calls); }, delay, kMaxRows) {}

  struct Call {
    const TabularBatch* rows = nullptr;
    bool verbose = false;
    std::vector<Prediction> predictions;
  };
  using Visit = CombinedCalls<Call>::Visit;
  CombinedCalls<Call>& calls() { return calls_; }

 private:
  void run(std::span<Call* const> calls) const {
    for (const bool verbose : {false, true}) {
      for (const bool sparse : {false, true}) {
        std::vector<Call*> alike;
        std::copy_if(calls.begin(), calls.end(), std::back_inserter(alike), [&](const Call* call) {
          return call->verbose == verbose && call->rows->is_sparse == sparse;
        });
        run_alike(alike);
      }
    }
  }

  void run_alike(const std::vector<Call*>& calls) const {
    if (calls.empty()) return;
    const bool verbose = calls[0]->verbose;
    if (calls.size() == 1) {
      calls[0]->predictions = scorer_.predict(*calls[0]->rows, verbose);
      return;
    }
    TabularBatch all;
    all.clear(calls[0]->rows->is_sparse);
    for (const Call* call : calls) {
      for (std::int64_t row = 0; row < call->rows->rows(); ++row)
        all.append_features(*call->rows, row);
    }
    std::vector<Prediction> predictions = scorer_.predict(all, verbose);
    auto next = std::make_move_iterator(predictions.begin());
    for (Call* call : calls) {
      const auto end = next + call->rows->rows();
      call->predictions.assign(next, end);
      next = end;
    }
  }

  const TabularScorer& scorer_;
  CombinedCalls<Call> calls_;
};

TabularScorer::TabularScorer() = default;
TabularScorer::~TabularScorer() = default;

void TabularScorer::serve(const Serving& serving) {
  if (computes_together()) together_ = std::make_unique<Together>(*this, serving.batch_delay);
}

std::string TabularScorer::answer(const ScoreRequest& request, ByteSource& body, ByteSink& out) {
  std::optional<Together::Visit> visit;
  if (together_) visit.emplace(together_->calls());
  const ContentType given =
      require_content_type(request.content_type, kForms, request.origin + ", Content-Type");
  const ContentType wanted = choose_accepted(request.accept, kForms, request.origin + ", Accept");
  Answer answer(wanted.format, list_name(), out);
  Requested(request, given, columns()).read(body, [&](const TabularBatch& batch) {
    Together::Call call{.rows = &batch, .verbose = wanted.verbose, .predictions = {}};
    if (visit) {
      visit->call(call, static_cast<std::size_t>(batch.rows()));
    } else {
      call.predictions = predict(batch, wanted.verbose);
    }
    for (const Prediction& prediction : call.predictions) answer.write(prediction);
  });
  answer.finish();
  return wanted.media_type;
}

}  // namespace millrace
