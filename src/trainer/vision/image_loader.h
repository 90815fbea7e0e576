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
#include "trainer/vision/image_batches.h"
#include "trainer/vision/image_set.h"
#include "trainer/vision/network_input.h"
#include "trainer/vision/whole_batches.h"

namespace millrace {

/// Batches of a set that can be read in any order: every epoch is one permutation of all of it.
/// An epoch may be left early and begun again.
class ImageLoader final : public ImageBatches {
 public:
  /// Decoded images are kept up to so many bytes, so that from the second epoch on nothing is
  /// decoded twice.
  static constexpr std::size_t kCacheBytes = std::size_t{1} << 30;

  /// `images` must outlive the loader. `cache_bytes` of 0 keeps nothing, for a single pass.
  ImageLoader(const ImageSet& images, LoaderOptions options, std::size_t cache_bytes = kCacheBytes);
  ImageLoader(const ImageLoader&) = delete;
  ImageLoader& operator=(const ImageLoader&) = delete;
  ~ImageLoader() override;

  void start(std::int64_t epoch) override;
  std::optional<ImageBatch> next() override;
  [[nodiscard]] std::optional<std::int64_t> images() const override { return images_.count(); }

 private:
  /// A batch's worth of images in the order of the epoch, without the broken ones.
  struct Part {
    ImageBatch batch;
    std::vector<BrokenImage> broken;
  };
  using Result = std::variant<Part, std::exception_ptr>;

  struct Worker {
    BoundedQueue<Result> queue{kBatchesAhead};
    std::jthread thread;
  };

  void stop();
  void work(Worker& worker, std::int64_t first, std::int64_t epoch);
  /// Of one epoch.
  [[nodiscard]] std::int64_t parts() const;
  Part make_part(std::int64_t index, std::int64_t epoch);
  /// False for a broken one.
  bool add_image(std::int64_t number, std::int64_t epoch, float* out,
                 std::vector<BrokenImage>& broken);

  const ImageSet& images_;
  LoaderOptions options_;
  std::size_t cache_bytes_;
  std::vector<std::int64_t> order_;
  std::vector<Image>
      cache_;  ///< by number; empty where nothing is kept. One thread at a time touches an image.
  std::atomic<std::size_t> cached_bytes_ = 0;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::int64_t taken_ = 0;    ///< parts
  std::int64_t records_ = 0;  ///< images of the parts, broken ones included
  bool ended_ = false;
  WholeBatches assembly_;
};

}  // namespace millrace
