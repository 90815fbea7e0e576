#include <benchmark/benchmark.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "codec/gzip.h"
#include "core/io/file.h"

namespace millrace {
namespace {

/// Numeric CSV, 100 columns a row, as gzip -6 packs it: what a compressed channel mostly carries.
std::string packed_csv(std::size_t bytes) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < bytes) {
    for (int column = 0; column < 100; ++column) {
      char number[32];
      const int length = std::snprintf(number, sizeof number, column == 99 ? "%.4f\n" : "%.4f,",
                                       static_cast<double>(random() % 100'000) / 1e4);
      text.append(number, static_cast<std::size_t>(length));
    }
  }
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// A file of one's own instead: GZIP_FILE=rows.csv.gz build/bench/bin/codec_bench
const std::string& input() {
  static const std::string packed = [] {
    const char* const path = std::getenv("GZIP_FILE");
    return path == nullptr ? packed_csv(64u << 20) : read_file(path);
  }();
  return packed;
}

/// Bytes made, in reads of 1 MiB as a Pipe channel asks for them.
void UnpackGzipSource(benchmark::State& state) {
  std::vector<char> block(1u << 20);
  std::size_t made = 0;
  for (auto _ : state) {
    MemorySource source(input());
    GzipSource gzip(source, "bench");
    while (const std::size_t got = gzip.read(block)) made += got;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(made));
}
BENCHMARK(UnpackGzipSource)->Unit(benchmark::kMillisecond);

/// The same with zlib, in the same blocks.
void UnpackZlib(benchmark::State& state) {
  std::vector<char> block(1u << 20);
  std::size_t made = 0;
  for (auto _ : state) {
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input().data()));
    stream.avail_in = static_cast<uInt>(input().size());
    int status = Z_OK;
    while (status == Z_OK) {
      stream.next_out = reinterpret_cast<Bytef*>(block.data());
      stream.avail_out = static_cast<uInt>(block.size());
      status = inflate(&stream, Z_NO_FLUSH);
      made += block.size() - stream.avail_out;
    }
    inflateEnd(&stream);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(made));
}
BENCHMARK(UnpackZlib)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace millrace
