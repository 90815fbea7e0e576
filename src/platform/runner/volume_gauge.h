#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "platform/runner/workspace.h"

namespace millrace::runner {

/// Whether a program's files have outgrown its volume. Looks at most once a second, and seldom
/// enough to cost at most a twentieth of one CPU.
class VolumeGauge {
 public:
  using Clock = std::chrono::steady_clock;

  /// `limit` in bytes; 0: none.
  VolumeGauge(const Workspace& workspace, std::int64_t limit)
      : workspace_(workspace), limit_(limit) {}

  bool exceeded() {
    const Clock::time_point begin = Clock::now();
    if (limit_ <= 0 || begin < next_) return false;
    const bool over = workspace_.used_bytes() > limit_;
    const Clock::time_point end = Clock::now();
    next_ = end + std::max<Clock::duration>(std::chrono::seconds(1), 20 * (end - begin));
    return over;
  }
  [[nodiscard]] Clock::time_point next() const {
    return limit_ <= 0 ? Clock::time_point::max() : next_;
  }

 private:
  const Workspace& workspace_;
  const std::int64_t limit_;
  Clock::time_point next_ = Clock::now() + std::chrono::seconds(1);
};

}  // namespace millrace::runner
