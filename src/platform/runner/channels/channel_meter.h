#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace millrace::runner {

/// How long something has lasted in all. One thread begins and ends, any thread reads, also
/// meanwhile; nobody waits.
class Stopwatch {
 public:
  using Clock = std::chrono::steady_clock;

  void begin(Clock::time_point at = Clock::now()) { began_ = ticks(at); }
  void end(Clock::time_point at = Clock::now()) {
    ++changes_;  // odd: what has passed moves from one figure to the other
    const std::int64_t began = began_.exchange(kStands);
    if (began != kStands) total_ += ticks(at) - began;
    ++changes_;
  }
  /// As if it had not begun.
  void cancel() { began_ = kStands; }
  void add(Clock::duration time) { total_.fetch_add(time.count(), std::memory_order_relaxed); }

  [[nodiscard]] double seconds(Clock::time_point at = Clock::now()) const {
    for (;;) {
      const std::uint64_t before = changes_;
      const std::int64_t began = began_;
      const std::int64_t total = total_ + (began == kStands ? 0 : ticks(at) - began);
      if (before % 2 == 0 && changes_ == before)
        return std::chrono::duration<double>(Clock::duration(total)).count();
    }
  }

 private:
  static constexpr std::int64_t kStands = INT64_MIN;
  static std::int64_t ticks(Clock::time_point at) { return at.time_since_epoch().count(); }

  std::atomic<std::int64_t> began_ = kStands;
  std::atomic<std::int64_t> total_ = 0;
  std::atomic<std::uint64_t> changes_ = 0;
};

/// Counts what one channel delivers, by whoever delivers it. Its figures may be read at any moment
/// by another thread; counting costs a few instructions for each block of bytes, never for each
/// record.
struct ChannelMeter {
  using Clock = Stopwatch::Clock;

  /// What `bytes`, `objects` and `delivering` are of: wire::control::ChannelMeasure; null as long
  /// as nothing is measured.
  std::atomic<const char*> measured = nullptr;
  std::atomic<std::int64_t> bytes = 0;
  std::atomic<std::int64_t> objects = 0;
  Stopwatch delivering;
  Stopwatch writer_waits;  ///< of `delivering`, for a program that reads more slowly; where Fed
  Stopwatch reader_waits;  ///< of `delivering`, the program for bytes; where Fed or Read
  std::atomic<std::int64_t> records = 0;
  std::atomic<bool> sees_records = false;

  void add(std::int64_t more_bytes) { bytes.fetch_add(more_bytes, std::memory_order_relaxed); }
};

}  // namespace millrace::runner
