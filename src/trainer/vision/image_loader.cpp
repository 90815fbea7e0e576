#include "trainer/vision/image_loader.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "trainer/vision/random_stream.h"

namespace millrace {

ImageLoader::ImageLoader(const ImageSet& images, LoaderOptions options, std::size_t cache_bytes)
    : images_(images),
      options_(options),
      cache_bytes_(cache_bytes),
      order_(static_cast<std::size_t>(images.count())),
      cache_(static_cast<std::size_t>(images.count())),
      assembly_(options.batch, options.whole_batches) {
  std::iota(order_.begin(), order_.end(), std::int64_t{0});
}

ImageLoader::~ImageLoader() {
  stop();
}

std::int64_t ImageLoader::parts() const {
  const std::int64_t whole = images_.count() / options_.batch;
  const bool rest = images_.count() % options_.batch != 0;
  // The last images may be needed in the place of broken ones.
  const bool rest_is_dropped = options_.whole_batches && whole > 0 && options_.broken == nullptr;
  return whole + (rest && !rest_is_dropped ? 1 : 0);
}

void ImageLoader::stop() {
  for (const auto& worker : workers_) worker->queue.close();
  workers_.clear();  // joins
}

void ImageLoader::start(std::int64_t epoch) {
  stop();
  taken_ = 0;
  records_ = 0;
  ended_ = false;
  assembly_.start();
  if (options_.broken != nullptr) options_.broken->start(images_.count());
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
    for (std::int64_t index = first; index < parts(); index += options_.threads) {
      if (!worker.queue.push(make_part(index, epoch))) return;
    }
  } catch (...) {
    worker.queue.push(std::current_exception());
  }
  worker.queue.close();
}

std::optional<ImageBatch> ImageLoader::next() {
  while (taken_ < parts()) {
    // Worker k makes the parts k, k + threads, ...: taking from them in turn keeps the order.
    Worker& worker = *workers_[static_cast<std::size_t>(taken_ % options_.threads)];
    std::optional<Result> result = options_.counts->timed([&] { return worker.queue.pop(); });
    if (!result) return std::nullopt;
    ++taken_;
    if (const auto* failure = std::get_if<std::exception_ptr>(&*result))
      std::rethrow_exception(*failure);
    Part& part = std::get<Part>(*result);
    const std::int64_t images = part.batch.count + static_cast<std::int64_t>(part.broken.size());
    records_ += images;
    options_.counts->add(images);
    for (const BrokenImage& image : part.broken) options_.broken->add(image);
    if (std::optional<ImageBatch> batch = assembly_.add(std::move(part.batch))) return batch;
  }
  if (std::exchange(ended_, true)) return std::nullopt;
  options_.counts->end_pass(records_);
  if (options_.broken != nullptr) options_.broken->end(images_.count());
  return assembly_.rest();
}

ImageLoader::Part ImageLoader::make_part(std::int64_t index, std::int64_t epoch) {
  const std::int64_t begin = index * options_.batch;
  const std::int64_t end = std::min(begin + options_.batch, images_.count());
  const std::int64_t size = options_.height * options_.width * options_.channels;
  Part part;
  ImageBatch& batch = part.batch;
  batch.pixels.resize(static_cast<std::size_t>((end - begin) * size));
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int64_t number = order_[static_cast<std::size_t>(i)];
    if (!add_image(number, epoch, batch.pixels.data() + batch.count * size, part.broken)) continue;
    batch.numbers.push_back(number);
    if (options_.target_classes > 0)
      batch.add_targets(images_.labels(number), options_.target_classes);
    else
      batch.labels.push_back(static_cast<std::int64_t>(images_.label(number)));
    ++batch.count;
  }
  batch.pixels.resize(static_cast<std::size_t>(batch.count * size));
  return part;
}

bool ImageLoader::add_image(std::int64_t number, std::int64_t epoch, float* out,
                            std::vector<BrokenImage>& broken) {
  Image& kept = cache_[static_cast<std::size_t>(number)];
  std::optional<Image> fresh;
  if (kept.pixels.empty()) {
    std::string scratch;
    fresh = prepared_unless_broken(images_.image(number, scratch), number, images_.name(number),
                                   options_, broken);
    if (!fresh) return false;
    const std::size_t bytes = fresh->pixels.size();
    if (cached_bytes_.fetch_add(bytes) + bytes <= cache_bytes_) {
      kept = *std::move(fresh);
    } else {
      cached_bytes_.fetch_sub(bytes);
    }
  }
  write_input(kept.pixels.empty() ? *fresh : kept, options_, epoch, number, out);
  return true;
}

}  // namespace millrace
