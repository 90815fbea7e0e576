#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <variant>
#include <vector>

#include "core/base/bounded_queue.h"
#include "trainer/job/channel.h"
#include "trainer/vision/image_batches.h"
#include "trainer/vision/image_stream.h"
#include "trainer/vision/network_input.h"
#include "trainer/vision/whole_batches.h"

namespace millrace {

struct StreamPlan {
  std::int64_t classes = 0;
  std::int64_t first_epoch = 0;  ///< which is read from first_fifo
  std::int64_t epochs = 0;       ///< the end of the last one: no FIFO beyond is opened
  std::int64_t first_fifo = 0;   ///< of the channel; those before it were read by others
  ClassListForm class_list = ClassListForm::MultiHot;  ///< of a multi-label augmented manifest
};

/// Batches of a Pipe channel: each epoch is read from its own FIFO, in RecordIO, and nothing is
/// kept from one to the next.
///
/// One thread reads, checks labels and, where the options ask for it, shuffles through a
/// ShuffleBuffer seeded by `seed` and epoch; `threads` others decode. Reading runs ahead into the
/// next epoch while the caller is still busy with this one, up to what fits: the shuffle buffer,
/// and per decoding thread kBatchesAhead + 1 batches of encoded and as many of decoded images.
class StreamLoader final : public ImageBatches {
 public:
  /// `channel` must outlive the loader. After `stop` is requested, waiting for the FIFO ends at
  /// once and so does next().
  StreamLoader(const Channel& channel, LoaderOptions options, StreamPlan plan,
               std::stop_token stop);
  StreamLoader(const StreamLoader&) = delete;
  StreamLoader& operator=(const StreamLoader&) = delete;
  ~StreamLoader() override;

  /// Epochs come in order, each read to its end before the next: a FIFO cannot be read again.
  void start(std::int64_t epoch) override;
  /// Throws also what ImageStream throws, and Error(Customer) for an epoch without any image.
  std::optional<ImageBatch> next() override;
  [[nodiscard]] std::optional<std::int64_t> images() const override { return images_; }

 private:
  struct EncodedBatch {
    std::int64_t epoch = 0;
    std::vector<StreamedImage> images;
  };
  struct EndOfEpoch {
    std::int64_t images = 0;
  };
  /// What became of an EncodedBatch: all of it but the broken images.
  struct Part {
    ImageBatch batch;
    std::vector<BrokenImage> broken;
  };
  using Task = std::variant<EncodedBatch, EndOfEpoch, std::exception_ptr>;
  using Result = std::variant<Part, EndOfEpoch, std::exception_ptr>;

  struct Decoder {
    BoundedQueue<Task> tasks{kBatchesAhead};
    BoundedQueue<Result> results{kBatchesAhead};
    std::jthread thread;
  };

  void read();
  /// False when the loader is going down.
  bool read_epoch(std::int64_t epoch);
  bool pass_on(Task task);
  void decode(Decoder& decoder);
  [[nodiscard]] Result decoded(Task task) const;
  [[nodiscard]] Part decoded(const EncodedBatch& batch) const;

  const Channel& channel_;
  LoaderOptions options_;
  StreamPlan plan_;
  std::stop_source stop_;  ///< by the job's token or by the destructor
  std::stop_callback<std::function<void()>> on_job_stop_;
  std::vector<std::unique_ptr<Decoder>> decoders_;
  std::size_t passed_on_ = 0;  ///< tasks; the next goes to decoder passed_on_ % threads
  std::size_t taken_ = 0;      ///< results
  std::int64_t records_ = 0;   ///< of the epoch, that have been taken
  std::int64_t next_epoch_;
  std::optional<std::int64_t> images_;
  WholeBatches assembly_;
  std::jthread reader_;
};

}  // namespace millrace
