#include <zlib.h>

#include "codec/gzip_member.h"
#include "core/base/error.h"

namespace millrace {
namespace {
/// Window of 2^15 bytes, gzip framing.
constexpr int kGzipWindow = 15 + 16;
}  // namespace

struct MemberInflater::State {
  State() {
    if (inflateInit2(&stream, kGzipWindow) != Z_OK)
      throw Error(Blame::Platform, "no memory to unpack gzip");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { inflateEnd(&stream); }

  z_stream stream{};
};

MemberInflater::MemberInflater() : state_(std::make_unique<State>()) {}
MemberInflater::~MemberInflater() = default;

void MemberInflater::begin() {
  inflateReset(&state_->stream);
}

MemberInflater::Step MemberInflater::advance(std::span<const char>& packed, std::span<char>& room) {
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(room.data());
  stream.avail_out = static_cast<uInt>(room.size());
  const int status = inflate(&stream, Z_NO_FLUSH);
  packed = packed.last(stream.avail_in);
  room = room.last(stream.avail_out);
  if (status == Z_STREAM_END) return {.member_ended = true, .damage = {}};
  if (status == Z_OK || status == Z_BUF_ERROR) return {};
  return {.member_ended = false, .damage = stream.msg != nullptr ? stream.msg : "damaged bytes"};
}

}  // namespace millrace
