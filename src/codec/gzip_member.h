#pragma once

#include <memory>
#include <span>
#include <string_view>

namespace millrace {

/// The library's half of GzipSource: unpacks one gzip member (RFC 1952) at a time and verifies its
/// checksum and its length.
class MemberInflater {
 public:
  MemberInflater();
  MemberInflater(const MemberInflater&) = delete;
  MemberInflater& operator=(const MemberInflater&) = delete;
  ~MemberInflater();

  /// To be called before each member, the first one too.
  void begin();

  struct Step {
    bool member_ended = false;
    std::string_view damage;  ///< what is wrong with the bytes; empty when nothing is
  };
  /// Takes from the front of `packed` and fills the front of `room`; both shrink by what was used.
  /// At the end of the member `packed` begins with the byte behind it. It does as much as both
  /// allow, so an unfinished member needs more of the one that is empty.
  Step advance(std::span<const char>& packed, std::span<char>& room);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace millrace
