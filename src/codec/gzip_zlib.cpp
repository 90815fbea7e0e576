#include <zlib.h>

#include <algorithm>
#include <array>

#include "codec/gzip.h"
#include "core/base/error.h"

namespace millrace {
namespace {
constexpr int kGzipWindow = 15 + 16;
constexpr int kMemoryLevel = 8;
constexpr std::size_t kMaxStep = std::size_t{1} << 30;
}  // namespace

struct GzipSink::State {
  explicit State(ByteSink& sink) : packed(sink) {
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw Error(Blame::Platform, "no memory to pack gzip");
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { deflateEnd(&stream); }

  void pack(std::span<const char> bytes, bool last) {
    do {
      const std::size_t step = std::min(bytes.size(), kMaxStep);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream.avail_in = static_cast<uInt>(step);
      bytes = bytes.subspan(step);
      do {
        stream.next_out = reinterpret_cast<Bytef*>(block.data());
        stream.avail_out = static_cast<uInt>(block.size());
        deflate(&stream, last && bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
        packed.write({block.data(), block.size() - stream.avail_out});
      } while (stream.avail_out == 0);
    } while (!bytes.empty());
  }

  ByteSink& packed;
  z_stream stream{};
  std::array<char, 256 * 1024> block;
};

GzipSink::GzipSink(ByteSink& packed) : state_(std::make_unique<State>(packed)) {}
GzipSink::~GzipSink() = default;
void GzipSink::write(std::span<const char> bytes) {
  if (!bytes.empty()) state_->pack(bytes, /*last=*/false);
}
void GzipSink::finish() {
  state_->pack({}, /*last=*/true);
}

}  // namespace millrace
