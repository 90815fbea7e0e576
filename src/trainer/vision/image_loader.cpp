#include "trainer/vision/image_loader.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/base/error.h"
#include "trainer/vision/random_stream.h"
#include "trainer/vision/transform.h"

namespace millrace {
namespace {

constexpr std::int64_t kMaxResizedEdge = 32'768;

}  // namespace

ImageLoader::ImageLoader(const ImageRecords& records, LoaderOptions options)
    : records_(records),
      options_(options),
      order_(static_cast<std::size_t>(records.count())),
      cache_(static_cast<std::size_t>(records.count())) {
  std::iota(order_.begin(), order_.end(), std::int64_t{0});
}

ImageLoader::~ImageLoader() {
  stop();
}

std::int64_t ImageLoader::batches() const {
  const std::int64_t whole = records_.count() / options_.batch;
  const bool rest = records_.count() % options_.batch != 0;
  return options_.whole_batches && whole > 0 ? whole : whole + (rest ? 1 : 0);
}

void ImageLoader::stop() {
  for (const auto& worker : workers_) worker->queue.close();
  workers_.clear();  // joins
}

void ImageLoader::start(std::int64_t epoch) {
  stop();
  taken_ = 0;
  if (options_.shuffle) {
    // From the same beginning each time, so that an epoch's order does not depend on the epochs
    // before it.
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
    RandomStream random(options_.seed, static_cast<std::uint64_t>(epoch), 0);
    for (std::size_t i = order_.size(); i > 1; --i) {
      std::swap(order_[i - 1],
                order_[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
    }
  }
  for (int i = 0; i < options_.threads; ++i) {
    workers_.push_back(std::make_unique<Worker>());
    Worker& worker = *workers_.back();
    worker.thread = std::jthread([this, &worker, i, epoch] { work(worker, i, epoch); });
  }
}

void ImageLoader::work(Worker& worker, std::int64_t first, std::int64_t epoch) {
  try {
    for (std::int64_t index = first; index < batches(); index += options_.threads) {
      if (!worker.queue.push(make_batch(index, epoch))) return;
    }
  } catch (...) {
    worker.queue.push(std::current_exception());
  }
  worker.queue.close();
}

std::optional<ImageBatch> ImageLoader::next() {
  if (taken_ == batches()) return std::nullopt;
  // Worker k makes the batches k, k + threads, ...: taking from them in turn keeps the order.
  Worker& worker = *workers_[static_cast<std::size_t>(taken_ % options_.threads)];
  std::optional<Result> result = worker.queue.pop();
  if (!result) return std::nullopt;
  ++taken_;
  if (const auto* failure = std::get_if<std::exception_ptr>(&*result))
    std::rethrow_exception(*failure);
  return std::get<ImageBatch>(*std::move(result));
}

ImageBatch ImageLoader::make_batch(std::int64_t index, std::int64_t epoch) {
  const std::int64_t begin = index * options_.batch;
  ImageBatch batch;
  batch.count = std::min(options_.batch, records_.count() - begin);
  const std::int64_t size = options_.height * options_.width * options_.channels;
  batch.pixels.resize(static_cast<std::size_t>(batch.count * size));
  for (std::int64_t i = 0; i < batch.count; ++i) {
    const std::int64_t record = order_[static_cast<std::size_t>(begin + i)];
    add_image(record, epoch, batch.pixels.data() + i * size);
    batch.labels.push_back(static_cast<std::int64_t>(records_.label(record)));
  }
  return batch;
}

Image ImageLoader::decoded(std::int64_t record) const {
  std::string scratch;
  Image image = decode_image(records_.image(record, scratch), records_.name(record));
  if (options_.resize) {
    // One pixel by a million is a small file and would be a huge image.
    const auto [shorter, longer] = std::minmax(image.width, image.height);
    if (*options_.resize * longer / shorter > kMaxResizedEdge) {
      throw Error(Blame::Customer,
                  Problem{.where = records_.name(record),
                          .given = "an image of " + std::to_string(image.width) + " x " +
                                   std::to_string(image.height) + " pixels (width x height)",
                          .expected = "a longer edge of at most " + std::to_string(kMaxResizedEdge) +
                                      " pixels after resizing the shorter one to " +
                                      std::to_string(*options_.resize),
                          .fix = "Leave the record out, or make 'resize' smaller."});
    }
    image = resized_shorter(image, *options_.resize);
  }
  if (image.width >= options_.width && image.height >= options_.height) return image;
  throw Error(Blame::Customer,
              Problem{.where = records_.name(record),
                      .given = "an image of " + std::to_string(image.width) + " x " +
                               std::to_string(image.height) + " pixels (width x height)",
                      .expected = "at least " + std::to_string(options_.width) + " x " +
                                  std::to_string(options_.height) + ", the image_shape",
                      .fix = "Set 'resize', make image_shape smaller, or leave the record out."});
}

void ImageLoader::add_image(std::int64_t record, std::int64_t epoch, float* out) {
  Image& kept = cache_[static_cast<std::size_t>(record)];
  Image fresh;
  if (kept.pixels.empty()) {
    fresh = decoded(record);
    const std::size_t bytes = fresh.pixels.size();
    if (cached_bytes_.fetch_add(bytes) + bytes <= options_.cache_bytes) {
      kept = std::move(fresh);
    } else {
      cached_bytes_.fetch_sub(bytes);
    }
  }
  const Image& image = kept.pixels.empty() ? fresh : kept;
  Window window{.left = (image.width - options_.width) / 2,
                .top = (image.height - options_.height) / 2,
                .width = options_.width,
                .height = options_.height};
  if (options_.augment) {
    // Item 0 of an epoch is its order.
    RandomStream random(options_.seed, static_cast<std::uint64_t>(epoch),
                        static_cast<std::uint64_t>(record) + 1);
    window.left = random.below(image.width - options_.width + 1);
    window.top = random.below(image.height - options_.height + 1);
    window.mirrored = random.below(2) == 1;
  }
  write_pixels(image, window, options_.channels, out);
}

}  // namespace millrace
