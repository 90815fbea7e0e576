#include <benchmark/benchmark.h>
#include <stdlib.h>

#include "codec/image.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"
#include "core/io/file.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/vision/image_loader.h"
#include "trainer/vision/image_records.h"
#include "trainer/vision/listed_images.h"
#include "trainer/vision/stream_loader.h"

namespace millrace {
namespace {

constexpr int kImages = 4096;

/// The same grey 28 x 28 PNG files three times: in a.rec, as files with a list, and as the bytes of
/// a stream. What a network of 900 images a second must be given.
class Pictures {
 public:
  Pictures() {
    char name[] = "/tmp/millrace-bench-XXXXXX";
    paths_.base = ::mkdtemp(name);
    std::filesystem::create_directories(paths_.channel("train"));
    std::filesystem::create_directories(paths_.channel("train_lst"));
    StringSink records, list;
    RecordIoWriter writer(records);
    for (int i = 0; i < kImages; ++i) {
      Image image{.width = 28, .height = 28, .channels = 1, .pixels = {}};
      for (int at = 0; at < 28 * 28; ++at)
        image.pixels.push_back(static_cast<std::uint8_t>((at * (i % 7 + 1)) ^ (at >> 3)));
      const std::string png = encode_png(image), file = std::to_string(i) + ".png";
      ImageRecord record;
      record.labels = {static_cast<float>(i % 10)};
      record.image = png;
      writer.write(format_image_record(record));
      list.write(std::to_string(i) + "\t" + std::to_string(i % 10) + "\t" + file + "\n");
      FdSink(create_for_writing(paths_.channel("train") / file)).write(png);
    }
    stream_ = records.text();
    FdSink(create_for_writing(paths_.base / "a.rec")).write(stream_);
    FdSink(create_for_writing(paths_.channel("train_lst") / "a.lst")).write(list.text());
  }
  ~Pictures() { std::filesystem::remove_all(paths_.base); }

  [[nodiscard]] ImageRecords records() const {
    return ImageRecords({{.path = paths_.base / "a.rec", .name = "a.rec"}});
  }
  [[nodiscard]] ListedImages listed() const {
    return ListedImages(channel("train", "File"), channel("train_lst", "File"));
  }
  [[nodiscard]] Channel channel(const std::string& name, const std::string& mode) const {
    return {.name = name, .config = {.name = name, .input_mode = mode}, .paths = paths_};
  }
  [[nodiscard]] const ContractPaths& paths() const { return paths_; }
  [[nodiscard]] const std::string& stream() const { return stream_; }

 private:
  ContractPaths paths_;
  std::string stream_;
};

LoaderOptions options() {
  LoaderOptions options;
  options.height = options.width = 28;
  options.batch = 128;
  options.shuffle = true;
  options.augmentation = Augmentation::Crop;
  return options;
}

void take_epoch(ImageBatches& batches, std::int64_t epoch) {
  batches.start(epoch);
  while (auto batch = batches.next()) benchmark::DoNotOptimize(batch->pixels.data());
}

void from_set(benchmark::State& state, const ImageSet& images, std::size_t cache_bytes) {
  ImageLoader loader(images, options(), cache_bytes);
  take_epoch(loader, 0);  // fills the cache
  std::int64_t epoch = 0;
  for (auto _ : state) take_epoch(loader, ++epoch);
  state.SetItemsProcessed(state.iterations() * kImages);
}

void RecordsDecoded(benchmark::State& state) {
  const Pictures pictures;
  from_set(state, pictures.records(), 0);
}
void RecordsCached(benchmark::State& state) {
  const Pictures pictures;
  from_set(state, pictures.records(), ImageLoader::kCacheBytes);
}
void ListedDecoded(benchmark::State& state) {
  const Pictures pictures;
  from_set(state, pictures.listed(), 0);
}
void ListedCached(benchmark::State& state) {
  const Pictures pictures;
  from_set(state, pictures.listed(), ImageLoader::kCacheBytes);
}

/// One epoch of a new loader each time, from the opening of the FIFO to its last batch.
void Streamed(benchmark::State& state) {
  const Pictures pictures;
  const Channel channel = pictures.channel("train", "Pipe");
  for (auto _ : state) {
    std::filesystem::remove(pictures.paths().fifo("train", 0));
    const ServedFifos platform(pictures.paths(), "train", {pictures.stream()});
    StreamLoader loader(channel, options(), {.classes = 10, .epochs = 1}, {});
    take_epoch(loader, 0);
  }
  state.SetItemsProcessed(state.iterations() * kImages);
}

// Decoding threads work while the benchmark's own waits, so the rate is by the clock on the wall.
BENCHMARK(RecordsDecoded)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK(RecordsCached)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK(ListedDecoded)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK(ListedCached)->UseRealTime()->MeasureProcessCPUTime();
BENCHMARK(Streamed)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
}  // namespace millrace
