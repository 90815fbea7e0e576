#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "codec/image.h"
#include "core/base/bounded_queue.h"
#include "trainer/vision/image_records.h"

namespace millrace {

/// Images as the network takes them.
struct ImageBatch {
  std::int64_t count = 0;
  std::vector<float> pixels;         ///< [count, height, width, channels], mean taken off
  std::vector<std::int64_t> labels;  ///< [count]
};

struct LoaderOptions {
  std::int64_t channels = 3;
  std::int64_t height = 224;
  std::int64_t width = 224;
  std::optional<std::int64_t> resize;  ///< pixels of the shorter edge, before the crop
  std::int64_t batch = 32;             ///< images
  bool augment = false;       ///< random crop, mirrored half of the time; otherwise the centre
  bool shuffle = false;       ///< a new order for each epoch
  bool whole_batches = true;  ///< a last batch that is short is left out, unless it is the only one
  std::uint64_t seed = 0;     ///< order and augmentation follow from it
  int threads = 1;
  /// Decoded images are kept up to so many bytes, so that from the second epoch on nothing is
  /// decoded twice.
  std::size_t cache_bytes = std::size_t{1} << 30;
};

/// Reads, decodes and augments on threads of its own while the caller computes: at most
/// kBatchesAhead finished batches per thread wait for it.
///
///     ImageLoader loader(records, options);
///     for (epoch...) {
///       loader.start(epoch);
///       while (auto batch = loader.next()) step(*batch);
///     }
///
/// What comes out depends on records, options and epoch only, not on the number of threads or their
/// luck.
class ImageLoader {
 public:
  static constexpr std::size_t kBatchesAhead = 2;

  /// `records` must outlive the loader.
  ImageLoader(const ImageRecords& records, LoaderOptions options);
  ImageLoader(const ImageLoader&) = delete;
  ImageLoader& operator=(const ImageLoader&) = delete;
  ~ImageLoader();

  /// Begins an epoch; what was left of the one before is dropped.
  void start(std::int64_t epoch);
  /// nullopt at the end of the epoch. Throws Error(Customer) naming file and record for an image
  /// that cannot be decoded or is smaller than the network's input.
  std::optional<ImageBatch> next();
  /// Batches of one epoch.
  [[nodiscard]] std::int64_t batches() const;

 private:
  using Result = std::variant<ImageBatch, std::exception_ptr>;

  struct Worker {
    BoundedQueue<Result> queue{kBatchesAhead};
    std::jthread thread;
  };

  void stop();
  void work(Worker& worker, std::int64_t first, std::int64_t epoch);
  ImageBatch make_batch(std::int64_t index, std::int64_t epoch);
  void add_image(std::int64_t record, std::int64_t epoch, float* out);
  Image decoded(std::int64_t record) const;

  const ImageRecords& records_;
  LoaderOptions options_;
  std::vector<std::int64_t> order_;
  std::vector<Image>
      cache_;  ///< by record; empty where nothing is kept. One thread at a time touches a record.
  std::atomic<std::size_t> cached_bytes_ = 0;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::int64_t taken_ = 0;
};

}  // namespace millrace
