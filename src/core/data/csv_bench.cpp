#include <benchmark/benchmark.h>
#include <fast_float/fast_float.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "core/data/csv_reader.h"
#include "core/data/csv_writer.h"
#include "core/io/file.h"

namespace millrace {
namespace {

/// The two shapes of the public Pipe-mode measurement: many short rows, few very long ones.
enum Shape : std::int64_t { kRows, kWide };

constexpr std::int64_t kColumns[] = {100, 100'000};
constexpr std::int64_t kBatchRows[] = {1000, 10};
constexpr std::size_t kFileBytes = std::size_t{128} << 20;

/// Normal deviates written with 6 to 9 significant digits.
std::string random_csv(Shape shape) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> value;
  std::string text;
  text.reserve(kFileBytes + (1 << 21));
  while (text.size() < kFileBytes) {
    for (std::int64_t column = 0; column < kColumns[shape]; ++column) {
      char number[32];
      const int digits = 6 + static_cast<int>(random() % 4);
      text.append(number, static_cast<std::size_t>(std::snprintf(number, sizeof number, "%.*g,",
                                                                 digits, value(random))));
    }
    text.back() = '\n';
  }
  return text;
}

/// rows.csv and wide.csv in the folder that CSV_BENCH_FILES names, where bench/csv_readers.py shows
/// the same files to other readers; else in a folder that is removed at the end.
class Files {
 public:
  Files() {
    const char* const named = std::getenv("CSV_BENCH_FILES");
    keep_ = named != nullptr;
    folder_ = keep_ ? std::filesystem::path(named)
                    : std::filesystem::temp_directory_path() /
                          ("csv_bench." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files() {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(folder_, ignored);
  }

  std::filesystem::path path(Shape shape) {
    std::filesystem::path file = folder_ / (shape == kRows ? "rows.csv" : "wide.csv");
    if (!std::filesystem::exists(file)) write_file_durably(file, random_csv(shape));
    return file;
  }

 private:
  std::filesystem::path folder_;
  bool keep_ = false;
};

Files& files() {
  static Files files;
  return files;
}

void count_bytes(benchmark::State& state, const std::filesystem::path& file) {
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(std::filesystem::file_size(file)));
}

/// What a training job does, on one thread: file (page cache) to batches.
void read_csv(benchmark::State& state) {
  const auto shape = static_cast<Shape>(state.range(0));
  const auto path = static_cast<CsvPath>(state.range(1));
  const std::filesystem::path file = files().path(shape);
  if (!can_run(path)) {
    state.SkipWithError("this processor lacks the instructions");
    return;
  }
  DenseBatch batch;
  for (auto _ : state) {
    FdSource source(open_for_reading(file));
    CsvReader csv(source, "train.csv", {.label_size = 1, .threads = 1, .path = path});
    while (csv.read(batch, kBatchRows[shape])) benchmark::DoNotOptimize(batch.features.data());
  }
  count_bytes(state, file);
}
BENCHMARK(read_csv)
    ->ArgNames({"wide", "path"})
    ->ArgsProduct({{kRows, kWide}, {0, 1, 2}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

/// A channel of many files, as long jobs have them: what starting and first touching memory cost
/// is spread over more bytes than one small file has.
void read_csv_channel(benchmark::State& state) {
  constexpr int kFiles = 8;
  const auto shape = static_cast<Shape>(state.range(0));
  const std::filesystem::path file = files().path(shape);
  DenseBatch batch;
  for (auto _ : state) {
    CsvReader csv(
        [&, number = 0]() mutable -> std::optional<NamedSource> {
          if (number++ == kFiles) return std::nullopt;
          return NamedSource{.name = "train.csv",
                             .source = std::make_unique<FdSource>(open_for_reading(file))};
        },
        {.label_size = 1, .threads = static_cast<int>(state.range(1))});
    while (csv.read(batch, kBatchRows[shape])) benchmark::DoNotOptimize(batch.features.data());
  }
  state.SetBytesProcessed(state.iterations() * kFiles *
                          static_cast<std::int64_t>(std::filesystem::file_size(file)));
}
BENCHMARK(read_csv_channel)
    ->ArgNames({"wide", "threads"})
    ->ArgsProduct({{kRows, kWide}, {1, 2}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

/// The peer in C++: the file block by block, and fast_float::from_chars from number to number into
/// one vector per block; no checks but its own.
void plain_fast_float(benchmark::State& state) {
  const std::filesystem::path file = files().path(static_cast<Shape>(state.range(0)));
  constexpr std::size_t kBlock = std::size_t{256} * 1024;
  std::vector<char> block(kBlock + 64);
  std::vector<float> values(kBlock / 2);
  for (auto _ : state) {
    FdSource source(open_for_reading(file));
    std::size_t kept = 0;
    while (const std::size_t got =
               source.read(std::span<char>(block).subspan(kept, kBlock - kept))) {
      const char* const end = block.data() + kept + got;
      const char* const last =
          static_cast<const char*>(
              ::memrchr(block.data(), ',', static_cast<std::size_t>(end - block.data()))) +
          1;
      std::size_t count = 0;
      for (const char* at = block.data(); at < last; ++count) {
        const auto [stop, error] = fast_float::from_chars(at, last, values[count]);
        if (error != std::errc()) std::abort();
        at = stop + 1;
      }
      benchmark::DoNotOptimize(values.data());
      kept = static_cast<std::size_t>(end - last);
      std::memmove(block.data(), last, kept);
    }
  }
  count_bytes(state, file);
}
BENCHMARK(plain_fast_float)
    ->ArgName("wide")
    ->DenseRange(kRows, kWide)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

/// The limit: the same bytes read from the page cache and looked at once, for a line end.
void read_and_scan(benchmark::State& state) {
  const std::filesystem::path file = files().path(static_cast<Shape>(state.range(0)));
  std::vector<char> block(std::size_t{256} * 1024);
  for (auto _ : state) {
    FdSource source(open_for_reading(file));
    while (const std::size_t got = source.read(block))
      benchmark::DoNotOptimize(std::memchr(block.data(), 0, got));
  }
  count_bytes(state, file);
}
BENCHMARK(read_and_scan)
    ->ArgName("wide")
    ->DenseRange(kRows, kWide)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void write_csv(benchmark::State& state) {
  std::mt19937_64 random(7);
  std::normal_distribution<float> value;
  std::vector<float> row(100);
  for (float& number : row) number = value(random);
  class Nowhere final : public ByteSink {
   public:
    void write(std::span<const char> bytes) override { written += bytes.size(); }
    std::size_t written = 0;
  } sink;
  CsvWriter csv(sink);
  for (auto _ : state) csv.write({}, row);
  csv.finish();
  state.SetBytesProcessed(static_cast<std::int64_t>(sink.written));
}
BENCHMARK(write_csv);

}  // namespace
}  // namespace millrace
