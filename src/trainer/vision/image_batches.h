#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "trainer/job/channel_counts.h"

namespace millrace {

class BrokenImages;

/// How training images are varied; each kind does what the one before it does, and more.
enum class Augmentation {
  None,                ///< the centre
  Crop,                ///< a random crop, mirrored half of the time
  CropColor,           ///< with other hue, saturation and lightness
  CropColorTransform,  ///< first rotated, sheared and stretched
};

/// Images as the network takes them.
struct ImageBatch {
  std::int64_t count = 0;
  std::vector<std::int64_t> numbers;  ///< [count]; each image's place in the set or stream, from 0
  std::vector<float> pixels;          ///< [count, height, width, channels], mean taken off
  std::vector<std::int64_t> labels;   ///< [count]; none of a multi-label set
  std::vector<float> targets;         ///< [count, classes], 0 or 1; of a multi-label set only

  /// One more image of a multi-label set, with the classes that it has.
  void add_targets(std::span<const float> present, std::int64_t classes) {
    const std::size_t begin = targets.size();
    targets.resize(begin + static_cast<std::size_t>(classes));
    for (const float label : present) targets[begin + static_cast<std::size_t>(label)] = 1;
  }
};

struct LoaderOptions {
  std::int64_t target_classes = 0;  ///< of a multi-label set the width of its targets, else 0
  std::int64_t channels = 3;
  std::int64_t height = 224;
  std::int64_t width = 224;
  std::optional<std::int64_t> resize;  ///< pixels of the shorter edge, before the crop
  std::int64_t batch = 32;             ///< images
  Augmentation augmentation = Augmentation::None;
  bool shuffle = false;       ///< a new order for each epoch
  bool whole_batches = true;  ///< a last batch that is short is left out, unless it is the only one
  std::uint64_t seed = 0;     ///< order and augmentation follow from it
  int threads = 1;            ///< that decode
  /// Takes account of images that cannot be decoded, which are left out then; without it the first
  /// one ends the epoch with an error. Must outlive the batches.
  BrokenImages* broken = nullptr;
  /// Of the channel whose images these are.
  std::shared_ptr<ChannelCounts> counts = std::make_shared<ChannelCounts>();
};

/// Batches of images, epoch by epoch, made by other threads while the caller computes.
///
///     for (epoch...) {
///       batches.start(epoch);
///       while (auto batch = batches.next()) step(*batch);
///     }
///
/// What comes out depends on images, options and epoch only, not on the number of threads or their
/// luck.
class ImageBatches {
 public:
  /// Finished batches of each thread that wait for the caller, at most.
  static constexpr std::size_t kBatchesAhead = 2;

  virtual ~ImageBatches() = default;

  virtual void start(std::int64_t epoch) = 0;
  /// nullopt at the end of the epoch, or when a stop was requested. Throws Error(Customer) naming
  /// file and record of an image that is smaller than the network's input, and of one that cannot
  /// be decoded unless LoaderOptions::broken takes it.
  virtual std::optional<ImageBatch> next() = 0;
  /// Images of the epoch, broken ones included. Of a stream they are known once it has come to its
  /// end: nullopt before, and for good where a stop request broke it off.
  [[nodiscard]] virtual std::optional<std::int64_t> images() const = 0;
};

}  // namespace millrace
