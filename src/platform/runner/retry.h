#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#include "core/base/error.h"

namespace millrace::runner {

/// How long a supervisor puts up with a daemon that cannot be reached: a restart or an upgrade
/// takes less.
struct Patience {
  std::chrono::milliseconds limit = std::chrono::minutes(10);
  std::chrono::milliseconds first_wait{50};  ///< doubled each time
  std::chrono::milliseconds longest_wait = std::chrono::seconds(2);
};

/// When to try again after failures in a row.
class Backoff {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Backoff(const Patience& patience) : patience_(patience), wait_(patience.first_wait) {}

  void succeeded() {
    wait_ = patience_.first_wait;
    next_ = {};
    failing_ = false;
  }
  void failed() {
    const Clock::time_point at = Clock::now();
    if (!failing_) since_ = at;
    failing_ = true;
    next_ = at + wait_;
    wait_ = std::min(2 * wait_, patience_.longest_wait);
  }
  [[nodiscard]] bool failing() const { return failing_; }
  /// Not before this; in the past when nothing failed.
  [[nodiscard]] Clock::time_point next() const { return next_; }
  [[nodiscard]] bool exhausted() const {
    return failing_ && Clock::now() - since_ >= patience_.limit;
  }

 private:
  Patience patience_;
  std::chrono::milliseconds wait_;
  Clock::time_point next_{};
  Clock::time_point since_{};
  bool failing_ = false;
};

/// Returns at that moment, or as soon as a stop is requested.
inline void wait_until(Backoff::Clock::time_point moment, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any waiting;
  std::unique_lock lock(mutex);
  waiting.wait_until(lock, stop, moment, [] { return false; });
}

/// Calls again while the daemon cannot be reached (Error with Blame::Platform), until patience is
/// exhausted or a stop is requested; then, and for every other failure, the error passes through.
template <class Call>
auto with_retry(const Patience& patience, const std::stop_token& stop, Call&& call) {
  Backoff backoff(patience);
  for (;;) {
    try {
      return call();
    } catch (const Error& error) {
      backoff.failed();
      if (error.blame() != Blame::Platform || backoff.exhausted() || stop.stop_requested()) throw;
    }
    wait_until(backoff.next(), stop);
  }
}

}  // namespace millrace::runner
