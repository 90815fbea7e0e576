#include "trainer/algorithms/image_classification/channel_batches.h"

#include <string>

#include "trainer/algorithms/image_classification/algorithm.h"
#include "trainer/algorithms/image_classification/inputs.h"
#include "trainer/vision/image_loader.h"
#include "trainer/vision/stream_loader.h"

namespace millrace::image_classification {
namespace {

bool counts_classes(const Channel& channel, const Hyperparameters& h) {
  return h.use_weighted_loss && channel.name == kTrainChannel;
}

/// Every image once, as it is.
LoaderOptions for_counting(LoaderOptions options) {
  options.augmentation = Augmentation::None;
  options.shuffle = false;
  options.whole_batches = false;
  return options;
}

}  // namespace

ChannelBatches::ChannelBatches(Job& job, const Channel& channel, const Hyperparameters& h,
                               LoaderOptions options, std::int64_t first_epoch)
    : broken_({.place = "channel '" + channel.name + "'",
               .share = h.max_broken_images,
               .allowed_by = "hyperparameter 'max_broken_images'"},
              [&log = job.log()](const std::string& line) { log.warning(line); }) {
  options.broken = &broken_;
  options.counts = channel.counts;
  if (form_of(job, channel) == InputForm::RecordStream) {
    open_stream(job, channel, h, options, first_epoch);
  } else {
    open_set(job, channel, h, options);
  }
}

void ChannelBatches::open_set(const Job& job, const Channel& channel, const Hyperparameters& h,
                              const LoaderOptions& options) {
  images_ = open_images(job, channel, h);
  if (counts_classes(channel, h)) {
    ImageLoader pass(*images_, for_counting(options), /*cache_bytes=*/0);
    class_counts_ = count_classes(pass, h.num_classes, job.stop());
  }
  batches_ = std::make_unique<ImageLoader>(*images_, options);
}

void ChannelBatches::open_stream(const Job& job, const Channel& channel, const Hyperparameters& h,
                                 const LoaderOptions& options, std::int64_t first_epoch) {
  StreamPlan plan{.classes = h.num_classes, .first_epoch = first_epoch, .epochs = h.epochs};
  if (h.multi_label) plan.class_list = class_list_of(channel);
  if (counts_classes(channel, h)) {
    StreamPlan counted = plan;
    counted.first_epoch = 0;
    counted.epochs = 1;
    StreamLoader pass(channel, for_counting(options), counted, job.stop());
    class_counts_ = count_classes(pass, h.num_classes, job.stop());
    // A FIFO cannot be read again: the epochs are read from those behind it.
    plan.first_fifo = 1;
  }
  batches_ = std::make_unique<StreamLoader>(channel, options, plan, job.stop());
}

}  // namespace millrace::image_classification
