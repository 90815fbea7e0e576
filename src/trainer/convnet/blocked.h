#pragma once

#include <cstdint>

namespace millrace {

/// Channels that lie side by side: one AVX-512 register of floats.
inline constexpr std::int64_t kLanes = 16;

/// A batch of feature maps in the order that convolutions are fastest in with AVX-512: float
/// [count, channels / 16, height, width, 16], oneDNN's nChw16c. `channels` is a multiple of 16,
/// save for a network's input, which is plain [count, channels, height, width].
struct BlockedShape {
  std::int64_t count = 0;
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;

  [[nodiscard]] bool blocked() const { return channels % kLanes == 0; }
  [[nodiscard]] std::int64_t pixels() const { return height * width; }
  /// Blocks of 16 channels.
  [[nodiscard]] std::int64_t groups() const { return channels / kLanes; }
  [[nodiscard]] std::int64_t size() const { return count * channels * pixels(); }
  friend bool operator==(const BlockedShape&, const BlockedShape&) = default;
};

/// Whether this CPU has what the kernels of this room are made for.
bool runs_blocked();

}  // namespace millrace
