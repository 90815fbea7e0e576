#include "platform/aws/request_id.h"

#include <cstdint>
#include <cstring>

#include "core/base/random.h"

namespace millrace::aws {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014): a counter through a mixing function, so ids of one thread never repeat.
class Sequence {
 public:
  Sequence() { std::memcpy(&state_, random_bytes(sizeof(state_)).data(), sizeof(state_)); }

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
  }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace

std::string new_request_id() {
  thread_local Sequence sequence;
  std::uint64_t number = sequence.next();
  std::string id(16, '0');
  for (auto digit = id.rbegin(); digit != id.rend(); ++digit, number >>= 4) *digit = "0123456789ABCDEF"[number & 15U];
  return id;
}

std::string request_id_as_uuid(const std::string& id) {
  return "00000000-0000-4000-" + id.substr(0, 4) + "-" + id.substr(4);
}

}  // namespace millrace::aws
