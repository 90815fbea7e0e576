#include <isa-l/igzip_lib.h>

#include "codec/gzip_member.h"

namespace millrace {
namespace {

constexpr std::size_t kFlagsAt = 3;
constexpr int kReservedFlags = 0xE0;

std::string_view damage_of(int status) {
  switch (status) {
    case ISAL_INVALID_BLOCK:
      return "invalid block type";
    case ISAL_INVALID_SYMBOL:
      return "invalid code";
    case ISAL_INVALID_LOOKBACK:
      return "invalid distance too far back";
    case ISAL_INVALID_WRAPPER:
      return "incorrect header check";
    case ISAL_UNSUPPORTED_METHOD:
      return "unknown compression method";
    case ISAL_INCORRECT_CHECKSUM:
      return "incorrect data check";
    default:
      return status < 0 ? "damaged bytes" : "";
  }
}

}  // namespace

struct MemberInflater::State {
  inflate_state stream;
  std::size_t seen;  ///< bytes of the member up to its flags
  bool reserved;     ///< a flag is set that RFC 1952 (2.3.1.2) reserves: ISA-L does not look
};

MemberInflater::MemberInflater() : state_(std::make_unique<State>()) {
  isal_inflate_init(&state_->stream);
}
MemberInflater::~MemberInflater() = default;

void MemberInflater::begin() {
  isal_inflate_reset(&state_->stream);
  state_->stream.crc_flag = ISAL_GZIP;
  state_->seen = 0;
  state_->reserved = false;
}

MemberInflater::Step MemberInflater::advance(std::span<const char>& packed, std::span<char>& room) {
  inflate_state& stream = state_->stream;
  for (std::size_t i = 0; i < packed.size() && state_->seen <= kFlagsAt; ++i, ++state_->seen)
    if (state_->seen == kFlagsAt) state_->reserved = (packed[i] & kReservedFlags) != 0;
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<std::uint32_t>(packed.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(room.data());
  stream.avail_out = static_cast<std::uint32_t>(room.size());
  const int status = isal_inflate(&stream);
  packed = packed.last(stream.avail_in);
  room = room.last(stream.avail_out);
  return {
      .member_ended = status >= 0 && stream.block_state == ISAL_BLOCK_FINISH,
      .damage = status >= 0 && state_->reserved ? "unknown header flags set" : damage_of(status)};
}

}  // namespace millrace
