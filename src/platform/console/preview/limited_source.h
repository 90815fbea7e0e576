#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/io/byte_source.h"

namespace millrace::console {

/// A stream that ends early, and says so: a few bytes that somebody packed may unpack to any
/// number.
class LimitedSource final : public ByteSource {
 public:
  LimitedSource(ByteSource& source, std::uint64_t bytes) : source_(source), left_(bytes) {}

  std::size_t read(std::span<char> buffer) override {
    const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), left_));
    if (room == 0) {
      reached_ = true;
      return 0;
    }
    const std::size_t got = source_.read(buffer.first(room));
    left_ -= got;
    return got;
  }
  [[nodiscard]] bool reached() const { return reached_; }

 private:
  ByteSource& source_;
  std::uint64_t left_;
  bool reached_ = false;
};

/// So much of an archive is unpacked to find its members.
inline constexpr std::uint64_t kMaxUnpackedBytes = std::uint64_t{256} << 20;

}  // namespace millrace::console
