#include <zstd.h>

#include <utility>
#include <vector>

#include "codec/zstd.h"
#include "core/base/error.h"

namespace millrace {

struct ZstdSource::State {
  State(ByteSource& source, std::string name)
      : packed(source),
        origin(std::move(name)),
        stream(ZSTD_createDStream(), ZSTD_freeDStream),
        block(ZSTD_DStreamInSize()) {
    if (!stream) throw Error(Blame::Platform, origin + ": no memory to unpack it");
    constexpr int kMaxWindowLog = 27;
    ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  }

  [[noreturn]] void refuse(std::string given) const {
    throw Error(Blame::Customer, Problem{.where = origin,
                                         .given = std::move(given),
                                         .expected = "a whole zstd stream",
                                         .fix = "Pack or upload the file again."});
  }

  /// False at the end of the packed bytes.
  bool refill() {
    input = {.src = block.data(), .size = packed.read(block), .pos = 0};
    return input.size > 0;
  }

  ByteSource& packed;
  const std::string origin;
  const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream;
  std::vector<char> block;
  ZSTD_inBuffer input{};
  bool inside_frame = true;  ///< an empty file is no stream
};

ZstdSource::ZstdSource(ByteSource& packed, std::string origin)
    : state_(std::make_unique<State>(packed, std::move(origin))) {}
ZstdSource::~ZstdSource() = default;

std::size_t ZstdSource::read(std::span<char> buffer) {
  State& state = *state_;
  ZSTD_outBuffer output{.dst = buffer.data(), .size = buffer.size(), .pos = 0};
  while (output.pos == 0 && output.size > 0) {
    if (state.input.pos == state.input.size && !state.refill()) {
      // What the decoder still holds comes out without further input.
      const std::size_t left =
          state.inside_frame ? ZSTD_decompressStream(state.stream.get(), &output, &state.input) : 0;
      if (output.pos > 0) {
        state.inside_frame = left != 0;
        break;
      }
      if (state.inside_frame) state.refuse("the end of the file inside the stream");
      return 0;
    }
    const std::size_t left = ZSTD_decompressStream(state.stream.get(), &output, &state.input);
    if (ZSTD_isError(left) != 0) state.refuse(ZSTD_getErrorName(left));
    state.inside_frame = left != 0;
  }
  return output.pos;
}

}  // namespace millrace
