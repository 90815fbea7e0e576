#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "core/contract/channel_report.h"

namespace millrace {

/// Counts what a job takes from one of its channels and how long it waits for that, batch by batch.
/// One thread counts at a time; any thread may ask for the report meanwhile.
class ChannelCounts {
 public:
  using Clock = std::chrono::steady_clock;

  /// Calls `take`, which waits for the next of the channel, and counts the time.
  template <class Take>
  auto timed(Take take) {
    const Clock::time_point asked = Clock::now();
    auto taken = take();
    waited(asked, Clock::now());
    return taken;
  }
  void add(std::int64_t records) { records_.fetch_add(records, std::memory_order_relaxed); }
  /// A pass has come to its end, which was one of so many records.
  void end_pass(std::int64_t records) {
    last_pass_.store(records, std::memory_order_relaxed);
    passes_.fetch_add(1, std::memory_order_relaxed);
  }

  /// Without the members that nothing has been counted of.
  [[nodiscard]] ChannelReport report() const {
    ChannelReport report;
    if (first_asked_ == kNever) return report;
    report.records = records_;
    report.passes = passes_;
    if (report.passes > 0) report.records_per_pass = last_pass_;
    report.seconds = seconds(last_came_ - first_asked_);
    report.seconds_waited = seconds(waited_);
    return report;
  }

 private:
  static constexpr std::int64_t kNever = INT64_MIN;

  static std::int64_t ticks(Clock::time_point at) { return at.time_since_epoch().count(); }
  static double seconds(std::int64_t ticks) {
    return std::chrono::duration<double>(Clock::duration(ticks)).count();
  }
  void waited(Clock::time_point asked, Clock::time_point came) {
    last_came_ = ticks(came);
    if (first_asked_ == kNever) first_asked_ = ticks(asked);
    waited_.fetch_add(ticks(came) - ticks(asked), std::memory_order_relaxed);
  }

  std::atomic<std::int64_t> records_ = 0;
  std::atomic<std::int64_t> passes_ = 0;
  std::atomic<std::int64_t> last_pass_ = 0;  ///< records
  std::atomic<std::int64_t> first_asked_ = kNever;
  std::atomic<std::int64_t> last_came_ = 0;
  std::atomic<std::int64_t> waited_ = 0;
};

}  // namespace millrace
