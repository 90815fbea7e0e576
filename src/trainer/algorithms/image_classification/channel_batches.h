#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "trainer/algorithms/image_classification/class_counts.h"
#include "trainer/algorithms/image_classification/hyperparameters.h"
#include "trainer/job/job.h"
#include "trainer/vision/broken_images.h"
#include "trainer/vision/image_batches.h"
#include "trainer/vision/image_set.h"

namespace millrace::image_classification {

/// Batches of one channel, whatever its form; what they are read from lives as long.
class ChannelBatches {
 public:
  /// `first_epoch` is the one that start() is called with first. Broken images are left out, up to
  /// the share that max_broken_images allows; the job's log names them. Where use_weighted_loss
  /// asks for class_counts(), a first pass over the channel is read here.
  ChannelBatches(Job& job, const Channel& channel, const Hyperparameters& h, LoaderOptions options,
                 std::int64_t first_epoch);
  ChannelBatches(const ChannelBatches&) = delete;
  ChannelBatches& operator=(const ChannelBatches&) = delete;

  /// As ImageBatches has them.
  void start(std::int64_t epoch) { batches_->start(epoch); }
  std::optional<ImageBatch> next() { return batches_->next(); }
  [[nodiscard]] std::optional<std::int64_t> images() const { return batches_->images(); }
  /// Of the epoch so far.
  [[nodiscard]] std::int64_t broken() const { return broken_.count(); }
  /// Of channel train with use_weighted_loss, unless a stop request broke the counting off.
  [[nodiscard]] const std::optional<ClassCounts>& class_counts() const { return class_counts_; }

 private:
  void open_stream(const Job& job, const Channel& channel, const Hyperparameters& h,
                   const LoaderOptions& options, std::int64_t first_epoch);
  void open_set(const Job& job, const Channel& channel, const Hyperparameters& h,
                const LoaderOptions& options);

  BrokenImages broken_;
  std::unique_ptr<ImageSet> images_;  ///< nullptr for a stream
  std::unique_ptr<ImageBatches> batches_;
  std::optional<ClassCounts> class_counts_;
};

}  // namespace millrace::image_classification
