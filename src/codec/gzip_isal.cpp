#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <vector>

#include "codec/gzip.h"
#include "core/base/error.h"

namespace millrace {
namespace {
constexpr std::size_t kMaxStep = std::size_t{1} << 30;
}

struct GzipSink::State {
  explicit State(ByteSink& sink) : packed(sink), level_buffer(ISAL_DEF_LVL1_DEFAULT) {
    isal_deflate_init(&stream);
    stream.level = 1;
    stream.level_buf = level_buffer.data();
    stream.level_buf_size = static_cast<std::uint32_t>(level_buffer.size());
    stream.gzip_flag = IGZIP_GZIP;
  }

  void pack(std::span<const char> bytes, bool last) {
    do {
      const std::size_t step = std::min(bytes.size(), kMaxStep);
      stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
      stream.avail_in = static_cast<std::uint32_t>(step);
      bytes = bytes.subspan(step);
      stream.end_of_stream = last && bytes.empty() ? 1 : 0;
      do {
        stream.next_out = block.data();
        stream.avail_out = static_cast<std::uint32_t>(block.size());
        if (isal_deflate(&stream) != COMP_OK)
          throw Error(Blame::Platform, "packing gzip failed inside ISA-L");
        packed.write(
            {reinterpret_cast<const char*>(block.data()), block.size() - stream.avail_out});
      } while (stream.avail_out == 0);
    } while (!bytes.empty());
  }

  ByteSink& packed;
  std::vector<std::uint8_t> level_buffer;
  std::array<std::uint8_t, 256 * 1024> block;
  isal_zstream stream;
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
