#include "trainer/tabular/tabular_channel.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/record_place.h"

namespace millrace {
namespace {

/// Batches parsed ahead of the one in use.
constexpr std::size_t kBatchesAhead = 2;

/// A stream of an epoch, which owns it.
class EpochStream final : public ByteSource {
 public:
  explicit EpochStream(ByteSource& stream) : stream_(stream) {}
  std::size_t read(std::span<char> buffer) override { return stream_.read(buffer); }

 private:
  ByteSource& stream_;
};

NextSource streams_of(ChannelEpoch& epoch) {
  return [&epoch]() -> std::optional<NamedSource> {
    ByteSource* const stream = epoch.next();
    if (stream == nullptr) return std::nullopt;
    return NamedSource{.name = epoch.origin(), .source = std::make_unique<EpochStream>(*stream)};
  };
}

DataFormat format_of(const Channel& channel, std::int64_t label_size) {
  const std::string given = channel.config.content_type.value_or("");
  if (given.empty()) return DataFormat::RecordIoProtobuf;
  const std::string place = "channel '" + channel.name + "'";
  const auto refuse = [&](std::string expected, std::string fix) {
    throw Error(Blame::Customer, Problem{.where = place,
                                         .given = "ContentType " + given,
                                         .expected = std::move(expected),
                                         .fix = std::move(fix)});
  };
  const ContentType type = parse_content_type(given, place);
  if (type.format != DataFormat::Csv && type.format != DataFormat::RecordIoProtobuf) {
    refuse("text/csv or application/x-recordio-protobuf",
           "Set the channel's ContentType to the one its files are in.");
  }
  if (type.label_size.value_or(label_size) != label_size) {
    refuse("label_size=" + std::to_string(label_size),
           label_size == 0
               ? "This channel has features only: write 'text/csv;label_size=0'."
               : "The label stands in the first column: write 'text/csv;label_size=1'.");
  }
  return type.format;
}

/// Moves rows [begin, end) to the front and drops the others.
void keep_rows(std::vector<float>& values, std::int64_t width, Share::Rows rows) {
  const auto first = values.begin() + static_cast<std::ptrdiff_t>(rows.begin * width);
  std::copy(first, first + static_cast<std::ptrdiff_t>((rows.end - rows.begin) * width),
            values.begin());
  values.resize(static_cast<std::size_t>((rows.end - rows.begin) * width));
}

void keep_rows(TabularBatch& batch, Share::Rows rows) {
  batch.first_row += rows.begin;
  if (!batch.is_sparse) {
    keep_rows(batch.dense.features, batch.dense.columns, rows);
    keep_rows(batch.dense.labels, batch.dense.label_columns, rows);
    batch.dense.rows = rows.end - rows.begin;
    return;
  }
  SparseBatch& sparse = batch.sparse;
  keep_rows(sparse.labels, sparse.label_columns, rows);
  const auto at = [&](std::int64_t row) {
    return static_cast<std::ptrdiff_t>(sparse.row_starts[static_cast<std::size_t>(row)]);
  };
  const std::ptrdiff_t begin = at(rows.begin), end = at(rows.end);
  std::copy(sparse.indices.begin() + begin, sparse.indices.begin() + end, sparse.indices.begin());
  std::copy(sparse.values.begin() + begin, sparse.values.begin() + end, sparse.values.begin());
  sparse.indices.resize(static_cast<std::size_t>(end - begin));
  sparse.values.resize(static_cast<std::size_t>(end - begin));
  std::copy(sparse.row_starts.begin() + static_cast<std::ptrdiff_t>(rows.begin),
            sparse.row_starts.begin() + static_cast<std::ptrdiff_t>(rows.end) + 1,
            sparse.row_starts.begin());
  sparse.row_starts.resize(static_cast<std::size_t>(rows.end - rows.begin) + 1);
  for (std::int64_t& start : sparse.row_starts) start -= begin;
  sparse.rows = rows.end - rows.begin;
}

std::size_t bytes_of(const TabularBatch& batch) {
  const std::size_t floats =
      batch.labels().size() + batch.dense.features.size() + batch.sparse.values.size();
  return floats * sizeof(float) +
         (batch.sparse.indices.size() + batch.sparse.row_starts.size()) * sizeof(std::int64_t);
}

}  // namespace

TabularPass::TabularPass(const Channel& channel, std::int64_t epoch, DataFormat format,
                         TabularOptions options, std::shared_ptr<RowPlaces> places,
                         std::stop_token stop)
    : channel_(channel),
      format_(format),
      options_(std::move(options)),
      places_(std::move(places)),
      counts_(options_.counted ? channel.counts : std::make_shared<ChannelCounts>()),
      on_stop_(std::move(stop), [this] { leave_.request_stop(); }),
      epoch_(channel_, epoch, leave_.get_token()),
      ready_(kBatchesAhead),
      used_(kBatchesAhead + 1),
      thread_([this] { read_ahead(); }) {}

TabularPass::~TabularPass() {
  leave_.request_stop();
  ready_.close();
  used_.close();
}

void TabularPass::read_ahead() {
  try {
    const std::unique_ptr<RowReader> reader = open_rows(format_, streams_of(epoch_),
                                                        {.label_size = options_.label_size,
                                                         .columns = options_.columns,
                                                         .threads = options_.threads});
    std::size_t made = 0;
    for (std::int64_t row = 0;;) {
      std::unique_ptr<TabularBatch> batch;
      if (made <= kBatchesAhead) {
        batch = std::make_unique<TabularBatch>();
        ++made;
      } else if (auto used = used_.pop()) {
        batch = *std::move(used);
      } else {
        return;
      }
      if (!reader->read(*batch, options_.batch_rows * options_.share.size)) break;
      Delivery delivery{
          .batch = nullptr, .failure = nullptr, .row = row, .places = reader->places()};
      batch->first_row = row;
      delivery.rows = batch->rows();
      row += batch->rows();
      if (options_.share.size > 1) keep_rows(*batch, options_.share.of(batch->rows()));
      delivery.batch = std::move(batch);
      if (!ready_.push(std::move(delivery))) return;
    }
    ready_.close();
  } catch (...) {
    // Carried to the caller of next(), in its place behind the batches before it. A stop request
    // ends a stream by an exception too; that one is not a failure.
    if (!leave_.stop_requested())
      ready_.push({.batch = nullptr, .failure = std::current_exception(), .places = {}});
    ready_.close();
  }
}

const TabularBatch* TabularPass::next() {
  if (held_) give_back(std::move(held_));
  if (leave_.stop_requested()) return nullptr;
  if (!keeps_ && !kept_.empty()) {
    held_ = std::move(kept_.front());
    kept_.pop_front();
    is_replayed_ = true;
    return held_.get();
  }
  std::optional<Delivery> delivery = counts_->timed([&] { return ready_.pop(); });
  if (!delivery) {
    if (!leave_.stop_requested() && !std::exchange(ended_, true)) counts_->end_pass(rows_);
    return nullptr;
  }
  if (delivery->failure) std::rethrow_exception(delivery->failure);
  rows_ += delivery->rows;
  counts_->add(delivery->rows);
  places_->append(delivery->places, delivery->row);
  held_ = std::move(delivery->batch);
  return held_.get();
}

void TabularPass::give_back(std::unique_ptr<TabularBatch> batch) {
  // While it was kept, another took its place.
  if (std::exchange(is_replayed_, false)) return;
  if (keeps_) {
    kept_bytes_ += bytes_of(*batch);
    if (kept_bytes_ > kMaxKeptBytes) {
      overflowed_ = true;
      keeps_ = false;
      kept_.clear();
    } else {
      kept_.push_back(std::move(batch));
      batch = std::make_unique<TabularBatch>();
    }
  }
  used_.push(std::move(batch));
}

void TabularPass::keep() {
  keeps_ = true;
}

bool TabularPass::rewind() {
  if (held_) give_back(std::move(held_));
  keeps_ = false;
  return !overflowed_;
}

TabularChannel::TabularChannel(const Channel& channel, TabularOptions options, std::stop_token stop)
    : channel_(channel),
      format_(format_of(channel, options.label_size)),
      options_(std::move(options)),
      stop_(std::move(stop)) {
  if (is_sharded()) options_.share = {};
}

bool TabularChannel::is_sharded() const {
  return channel_.config.distribution == "ShardedByS3Key";
}

std::unique_ptr<TabularPass> TabularChannel::open() {
  places_ = std::make_shared<RowPlaces>();
  return std::make_unique<TabularPass>(channel_, passes_++, format_, options_, places_, stop_);
}

std::string TabularChannel::place_of(std::int64_t row) const {
  const auto place = places_->of(row);
  if (!place) return "channel '" + channel_.name + "', row " + std::to_string(row + 1);
  if (format_ == DataFormat::RecordIoProtobuf) return record_origin(place->origin, place->number);
  return place->origin + ", line " + std::to_string(place->number);
}

void TabularChannel::refuse_label(std::int64_t row, float label, std::string expected,
                                  std::string fix) const {
  std::string where = place_of(row);
  if (format_ == DataFormat::Csv) where += ", column 1";
  throw Error(Blame::Customer, Problem{.where = std::move(where),
                                       .given = "label " + number_text(static_cast<double>(label)),
                                       .expected = std::move(expected),
                                       .fix = std::move(fix)});
}

void TabularChannel::refuse_feature(std::int64_t row, std::int64_t feature, float value,
                                    std::string expected, std::string fix) const {
  const std::string place = format_ == DataFormat::Csv
                                ? ", column " + std::to_string(options_.label_size + feature + 1)
                                : ", feature " + std::to_string(feature);
  throw Error(Blame::Customer, Problem{.where = place_of(row) + place,
                                       .given = number_text(static_cast<double>(value)),
                                       .expected = std::move(expected),
                                       .fix = std::move(fix)});
}

void TabularChannel::refuse_empty() const {
  throw Error(Blame::Customer, Problem{.where = "channel '" + channel_.name + "'",
                                       .given = "no rows",
                                       .expected = "at least one row",
                                       .fix = "Check the channel's S3Uri and its objects: what was "
                                              "found below it is empty."});
}

std::optional<std::int64_t> peek_columns(const Channel& channel, std::int64_t label_size) {
  if (channel.is_pipe()) return std::nullopt;
  TabularChannel rows(channel, {.label_size = label_size, .batch_rows = 1, .counted = false}, {});
  const std::unique_ptr<TabularPass> pass = rows.open();
  const TabularBatch* const first = pass->next();
  if (first == nullptr) rows.refuse_empty();
  return first->columns();
}

}  // namespace millrace
