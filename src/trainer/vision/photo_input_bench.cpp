#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/io/file.h"
#include "trainer/vision/network_input.h"

namespace millrace {
namespace {

/// The files of $PHOTO_DIR, in memory.
std::vector<std::string> photos() {
  std::vector<std::string> files;
  const char* folder = std::getenv("PHOTO_DIR");
  if (folder == nullptr) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.push_back(read_file(entry.path()));
  return files;
}

/// From the bytes of a JPEG to what a network of 224 x 224 takes: decoded, shorter edge 256, a
/// random crop, mirrored half of the time, mean off. One thread; bench/photo_input.py holds it
/// against torchvision.
void PhotoInput(benchmark::State& state) {
  const std::vector<std::string> files = photos();
  if (files.empty()) return state.SkipWithError("set PHOTO_DIR to a folder of photographs");
  LoaderOptions options;
  options.resize = 256;
  options.augmentation = Augmentation::Crop;
  std::vector<float> out(static_cast<std::size_t>(3 * options.height * options.width));
  std::int64_t epoch = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      write_input(prepared_image(files[i], "photo", options), options, epoch,
                  static_cast<std::int64_t>(i), out.data());
      benchmark::DoNotOptimize(out.data());
    }
    ++epoch;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(files.size()));
}
BENCHMARK(PhotoInput)->Unit(benchmark::kMillisecond);

/// The decoding alone.
void PhotoDecoded(benchmark::State& state) {
  const std::vector<std::string> files = photos();
  if (files.empty()) return state.SkipWithError("set PHOTO_DIR to a folder of photographs");
  for (auto _ : state) {
    for (const std::string& file : files)
      benchmark::DoNotOptimize(decode_image(file, "photo").pixels.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(files.size()));
}
BENCHMARK(PhotoDecoded)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace millrace
