#include <algorithm>
#include <utility>
#include <vector>

#include "codec/gzip.h"
#include "codec/gzip_member.h"
#include "core/base/error.h"

namespace millrace {
namespace {

constexpr std::size_t kBlockBytes = 256 * 1024;

/// One inflate call is given no more room: both libraries count in 32 bits.
constexpr std::size_t kMaxRoomBytes = std::size_t{1} << 30;

}  // namespace

struct GzipSource::State {
  State(ByteSource& source, std::string name)
      : packed(source), origin(std::move(name)), block(kBlockBytes) {
    inflater.begin();
  }

  [[noreturn]] void refuse(std::string given) const {
    throw Error(Blame::Customer, Problem{.where = origin,
                                         .given = std::move(given),
                                         .expected = "a whole gzip stream",
                                         .fix = "Pack or upload the file again."});
  }

  /// False at the end of the packed bytes.
  bool refill() {
    rest = std::span<const char>(block.data(), packed.read(block));
    return !rest.empty();
  }

  /// Between members: whether another one follows. Zeros fill up blocks of some devices and may
  /// only be followed by zeros.
  bool another_member() {
    for (bool padding = false;; rest = {}) {
      if (rest.empty() && !refill()) return false;
      const auto text = std::find_if(rest.begin(), rest.end(), [](char c) { return c != '\0'; });
      padding = padding || text != rest.begin();
      if (text == rest.end()) continue;
      constexpr char kMagic = '\x1f';
      if (padding || *text != kMagic) refuse("bytes behind its end that are no gzip");
      return true;
    }
  }

  ByteSource& packed;
  const std::string origin;
  MemberInflater inflater;
  std::vector<char> block;
  std::span<const char> rest;  ///< of the block, not inflated yet
  bool inside_member = true;
};

GzipSource::GzipSource(ByteSource& packed, std::string origin)
    : state_(std::make_unique<State>(packed, std::move(origin))) {}
GzipSource::~GzipSource() = default;

std::size_t GzipSource::read(std::span<char> buffer) {
  State& state = *state_;
  std::span<char> room = buffer.first(std::min(buffer.size(), kMaxRoomBytes));
  const std::size_t asked = room.size();
  while (room.size() == asked) {
    if (!state.inside_member) {
      if (!state.another_member()) return 0;
      state.inflater.begin();
      state.inside_member = true;
    }
    if (state.rest.empty() && !state.refill())
      state.refuse("the end of the file inside the stream");
    const MemberInflater::Step step = state.inflater.advance(state.rest, room);
    if (!step.damage.empty()) state.refuse(std::string(step.damage));
    state.inside_member = !step.member_ended;
  }
  return asked - room.size();
}

}  // namespace millrace
