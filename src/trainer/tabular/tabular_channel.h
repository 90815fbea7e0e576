#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "core/base/bounded_queue.h"
#include "trainer/job/channel.h"
#include "trainer/tabular/row_reader.h"
#include "trainer/tabular/share.h"

namespace millrace {

/// What an algorithm asks of its rows.
struct TabularOptions {
  std::int64_t label_size = 0;
  std::int64_t batch_rows = 1000;       ///< of this host
  std::optional<std::int64_t> columns;  ///< features; nullopt: the channel's first row says
  Share share;                          ///< of a channel that every host gets whole
  int threads = 1;                      ///< that parse, besides the caller of next()
  bool counted = true;                  ///< in Channel::counts
};

/// What TabularPass::keep() may hold.
inline constexpr std::size_t kMaxKeptBytes = std::size_t{256} << 20;

/// One pass over a channel, in batches. A thread reads and parses ahead, two batches at most, while
/// the caller computes; memory does not depend on the length of the channel.
class TabularPass {
 public:
  /// `places` gets the places of the rows that next() has given, by their numbers in the pass.
  TabularPass(const Channel& channel, std::int64_t epoch, DataFormat format, TabularOptions options,
              std::shared_ptr<RowPlaces> places, std::stop_token stop);
  TabularPass(const TabularPass&) = delete;
  TabularPass& operator=(const TabularPass&) = delete;
  ~TabularPass();

  /// The next batch, valid until the following call; nullptr at the end, and once a stop is
  /// requested. With a share, a batch of the others' rows alone comes as an empty one. Throws what
  /// reading throws.
  const TabularBatch* next();

  /// From here on keeps the batches that next() gives, so that rewind() can give them again: for an
  /// algorithm that looks at the first rows before it trains. A Pipe channel, which would fetch
  /// them anew, is then read once less.
  void keep();
  /// Ends keep(): next() gives the kept batches once more and goes on behind them. False where they
  /// exceeded kMaxKeptBytes: some are gone, and another pass has to be opened.
  [[nodiscard]] bool rewind();

 private:
  struct Delivery {
    std::unique_ptr<TabularBatch> batch;
    std::exception_ptr failure;
    std::int64_t row = 0;  ///< of the pass, that `places` begin with: a share begins behind it
    RowPlaces places;
    std::int64_t rows = 0;  ///< read for the batch, also those that were no share of it
  };

  void read_ahead();
  void give_back(std::unique_ptr<TabularBatch> batch);

  const Channel& channel_;
  DataFormat format_;
  TabularOptions options_;
  std::shared_ptr<RowPlaces> places_;
  std::shared_ptr<ChannelCounts> counts_;
  std::stop_source leave_;  ///< ends reading: by the caller's stop request or the destructor
  std::stop_callback<std::function<void()>> on_stop_;
  ChannelEpoch epoch_;
  BoundedQueue<Delivery> ready_;
  BoundedQueue<std::unique_ptr<TabularBatch>> used_;
  std::unique_ptr<TabularBatch> held_;
  bool is_replayed_ = false;  ///< held_ is one of the kept
  bool keeps_ = false;
  bool overflowed_ = false;
  std::int64_t rows_ = 0;  ///< taken out of ready_
  bool ended_ = false;     ///< and counted as a pass
  std::size_t kept_bytes_ = 0;
  std::deque<std::unique_ptr<TabularBatch>> kept_;  ///< to be given before those in ready_
  std::jthread thread_;
};

/// A channel of rows, passed over again and again: each pass is an epoch of the channel, so that
/// Pipe mode, which delivers every epoch once, is read like files.
///
///     TabularChannel train(*job.find_channel("train"), {.label_size = 1, .batch_rows = 1000},
///     stop); const auto pass = train.open(); while (const TabularBatch* batch = pass->next())
///     learner.step(*batch);
class TabularChannel {
 public:
  /// `channel` must outlive this. Of a channel that is ShardedByS3Key, options.share is not
  /// applied: each host has its own objects.
  ///
  /// Its content type is CSV or recordio-protobuf; without one it is the latter, which is what the
  /// SageMaker Python SDK uploads and does not name. Throws Error(Customer) for another type, and
  /// for a label_size of its own that is not options.label_size.
  TabularChannel(const Channel& channel, TabularOptions options, std::stop_token stop);

  /// The next pass from the start. One at a time.
  std::unique_ptr<TabularPass> open();
  /// Features of a row, once known. Rows of later passes must have as many.
  [[nodiscard]] std::optional<std::int64_t> columns() const { return options_.columns; }
  void set_columns(std::int64_t columns) { options_.columns = columns; }
  [[nodiscard]] bool is_sharded() const;

  /// "channel 'train', a.csv, line 812" or "channel 'train', epoch 2, line 812" of a row counted
  /// over the pass opened last, which has given it; for a message.
  [[nodiscard]] std::string place_of(std::int64_t row) const;

  /// Refuses a row's label: names the place, what it is and what it should be. `row` counts over a
  /// pass.
  [[noreturn]] void refuse_label(std::int64_t row, float label, std::string expected,
                                 std::string fix) const;
  /// The same for one of its features, counted from 0.
  [[noreturn]] void refuse_feature(std::int64_t row, std::int64_t feature, float value,
                                   std::string expected, std::string fix) const;
  /// Throws Error(Customer): the channel has no rows.
  [[noreturn]] void refuse_empty() const;

  [[nodiscard]] const std::string& name() const { return channel_.name; }

 private:
  const Channel& channel_;
  DataFormat format_;
  TabularOptions options_;
  std::stop_token stop_;
  std::int64_t passes_ = 0;
  std::shared_ptr<RowPlaces> places_ = std::make_shared<RowPlaces>();  ///< of the last pass
};

/// Features of the first row of a File channel, without waiting for the rest; nullopt where the
/// channel is a Pipe, which delivers its rows once. Throws as reading throws, and Error(Customer)
/// for an empty channel.
std::optional<std::int64_t> peek_columns(const Channel& channel, std::int64_t label_size);

}  // namespace millrace
