#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

#include "codec/gzip.h"
#include "core/base/error.h"

namespace millrace {
namespace {
/// Window of 2^15 bytes, gzip framing.
constexpr int kGzipWindow = 15 + 16;
}  // namespace

struct GzipSource::State {
  State(ByteSource& source, std::string name) : packed(source), origin(std::move(name)) {
    if (inflateInit2(&stream, kGzipWindow) != Z_OK)
      throw Error(Blame::Platform, "no memory to unpack gzip");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { inflateEnd(&stream); }

  [[noreturn]] void refuse(std::string given) const {
    throw Error(Blame::Customer, Problem{.where = origin,
                                         .given = std::move(given),
                                         .expected = "a whole gzip stream",
                                         .fix = "Pack or upload the file again."});
  }

  /// False at the end of the packed bytes.
  bool refill() {
    const std::size_t got = packed.read(block);
    stream.next_in = reinterpret_cast<Bytef*>(block.data());
    stream.avail_in = static_cast<uInt>(got);
    return got > 0;
  }

  ByteSource& packed;
  std::string origin;
  z_stream stream{};
  std::array<char, 64 * 1024> block;
  bool inside_member = true;
};

GzipSource::GzipSource(ByteSource& packed, std::string origin)
    : state_(std::make_unique<State>(packed, std::move(origin))) {}
GzipSource::~GzipSource() = default;

std::size_t GzipSource::read(std::span<char> buffer) {
  State& state = *state_;
  z_stream& stream = state.stream;
  stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
  stream.avail_out = static_cast<uInt>(std::min<std::size_t>(buffer.size(), 1u << 30));
  const std::size_t room = stream.avail_out;
  while (stream.avail_out == room) {
    if (stream.avail_in == 0 && !state.refill()) {
      if (state.inside_member) state.refuse("the end of the file inside the stream");
      return 0;
    }
    if (!state.inside_member) {  // another member follows
      inflateReset(&stream);
      state.inside_member = true;
    }
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      state.inside_member = false;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      state.refuse(stream.msg != nullptr ? stream.msg : "damaged bytes");
    }
  }
  return room - stream.avail_out;
}

}  // namespace millrace
