#include "trainer/vision/stream_loader.h"

#include <utility>

#include "core/base/check.h"
#include "core/base/error.h"
#include "trainer/vision/shuffle_buffer.h"

namespace millrace {

StreamLoader::StreamLoader(const Channel& channel, LoaderOptions options, StreamPlan plan,
                           std::stop_token stop)
    : channel_(channel),
      options_(options),
      plan_(plan),
      on_job_stop_(std::move(stop), [this] { stop_.request_stop(); }),
      next_epoch_(plan.first_epoch),
      assembly_(options.batch, options.whole_batches) {
  for (int i = 0; i < options_.threads; ++i) {
    decoders_.push_back(std::make_unique<Decoder>());
    Decoder& decoder = *decoders_.back();
    decoder.thread = std::jthread([this, &decoder] { decode(decoder); });
  }
  reader_ = std::jthread([this] { read(); });
}

StreamLoader::~StreamLoader() {
  stop_.request_stop();
  for (const auto& decoder : decoders_) {
    decoder->tasks.close();
    decoder->results.close();
  }
}

void StreamLoader::start(std::int64_t epoch) {
  MILLRACE_CHECK(epoch == next_epoch_);
  ++next_epoch_;
  images_.reset();
  assembly_.start();
  if (options_.broken != nullptr) options_.broken->start(std::nullopt);
}

bool StreamLoader::pass_on(Task task) {
  return decoders_[passed_on_++ % decoders_.size()]->tasks.push(std::move(task));
}

void StreamLoader::read() {
  try {
    for (std::int64_t epoch = plan_.first_epoch; epoch < plan_.epochs; ++epoch) {
      if (!read_epoch(epoch)) break;
    }
  } catch (...) {
    // What a stop request breaks off looks like a failure, too.
    if (!stop_.stop_requested()) pass_on(std::current_exception());
  }
  for (const auto& decoder : decoders_) decoder->tasks.close();
}

bool StreamLoader::read_epoch(std::int64_t epoch) {
  ShuffleBuffer buffer(RandomStream(options_.seed, static_cast<std::uint64_t>(epoch), 0));
  EncodedBatch batch{.epoch = epoch, .images = {}};
  bool any_whole = false;
  const auto put = [&](StreamedImage image) {
    batch.images.push_back(std::move(image));
    if (static_cast<std::int64_t>(batch.images.size()) < options_.batch) return true;
    any_whole = true;
    return pass_on(std::exchange(batch, {.epoch = epoch, .images = {}}));
  };
  EndOfEpoch end;
  ChannelEpoch streams =
      channel_.open_epoch(plan_.first_fifo + epoch - plan_.first_epoch, stop_.get_token());
  while (ByteSource* source = streams.next()) {
    ImageStream images(*source, streams.origin(),
                       {.classes = plan_.classes,
                        .wrapped = channel_.config.record_wrapper == "RecordIO",
                        .multi_label = options_.target_classes > 0,
                        .class_list = plan_.class_list});
    while (std::optional<StreamedImage> image = images.next()) {
      ++end.images;
      if (!options_.shuffle) {
        if (!put(*std::move(image))) return false;
        continue;
      }
      buffer.add(*std::move(image));
      while (buffer.full()) {
        if (!put(buffer.take())) return false;
      }
    }
  }
  while (!buffer.empty()) {
    if (!put(buffer.take())) return false;
  }
  if (end.images == 0) {
    throw Error(Blame::Customer,
                Problem{.where = "channel '" + channel_.name + "', epoch " + std::to_string(epoch),
                        .given = "no records",
                        .expected = "at least one image record",
                        .fix = "The objects of the channel are empty: upload them again."});
  }
  // The last images may be needed in the place of broken ones.
  const bool short_one = !batch.images.empty() &&
                         (!options_.whole_batches || !any_whole || options_.broken != nullptr);
  if (short_one && !pass_on(std::move(batch))) return false;
  return pass_on(end);
}

void StreamLoader::decode(Decoder& decoder) {
  while (std::optional<Task> task = decoder.tasks.pop()) {
    if (!decoder.results.push(decoded(*std::move(task)))) break;
  }
  decoder.results.close();
}

StreamLoader::Result StreamLoader::decoded(Task task) const {
  if (const auto* end = std::get_if<EndOfEpoch>(&task)) return *end;
  if (const auto* failure = std::get_if<std::exception_ptr>(&task)) return *failure;
  try {
    return decoded(std::get<EncodedBatch>(task));
  } catch (...) {
    return std::current_exception();
  }
}

StreamLoader::Part StreamLoader::decoded(const EncodedBatch& encoded) const {
  const std::int64_t size = options_.height * options_.width * options_.channels;
  Part part;
  ImageBatch& batch = part.batch;
  batch.pixels.resize(encoded.images.size() * static_cast<std::size_t>(size));
  for (const StreamedImage& image : encoded.images) {
    const std::optional<Image> prepared =
        prepared_unless_broken(image.bytes, image.number, image.name, options_, part.broken);
    if (!prepared) continue;
    write_input(*prepared, options_, encoded.epoch, image.number,
                batch.pixels.data() + batch.count * size);
    batch.numbers.push_back(image.number);
    if (options_.target_classes > 0)
      batch.add_targets(image.classes, options_.target_classes);
    else
      batch.labels.push_back(image.label);
    ++batch.count;
  }
  batch.pixels.resize(static_cast<std::size_t>(batch.count * size));
  return part;
}

std::optional<ImageBatch> StreamLoader::next() {
  if (images_) return std::nullopt;
  while (true) {
    // Results come in the order of the tasks, which were dealt out in turn.
    std::optional<Result> result =
        options_.counts->timed([&] { return decoders_[taken_ % decoders_.size()]->results.pop(); });
    if (!result || stop_.stop_requested()) return std::nullopt;
    ++taken_;
    if (const auto* failure = std::get_if<std::exception_ptr>(&*result))
      std::rethrow_exception(*failure);
    if (const auto* end = std::get_if<EndOfEpoch>(&*result)) {
      images_ = end->images;
      // With those that were left out of whole batches: they have been read.
      options_.counts->add(end->images - std::exchange(records_, 0));
      options_.counts->end_pass(end->images);
      if (options_.broken != nullptr) options_.broken->end(end->images);
      return assembly_.rest();
    }
    Part& part = std::get<Part>(*result);
    const std::int64_t images = part.batch.count + static_cast<std::int64_t>(part.broken.size());
    records_ += images;
    options_.counts->add(images);
    for (const BrokenImage& image : part.broken) options_.broken->add(image);
    if (std::optional<ImageBatch> batch = assembly_.add(std::move(part.batch))) return batch;
  }
}

}  // namespace millrace
