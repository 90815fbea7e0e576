#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// Lines that wait to be sent to one log stream. Not for several threads at once: whoever shares it
/// has a lock.
class LogQueue {
 public:
  LogQueue(std::string group, std::string stream)
      : group_(std::move(group)), stream_(std::move(stream)) {}

  /// `line` is valid UTF-8 of at most kMaxLineBytes.
  void push(Time at, std::string_view line);
  [[nodiscard]] bool empty() const { return events_.empty(); }
  /// So much waits that a program should print no more: memory must not grow with what it prints.
  [[nodiscard]] bool full() const;
  /// As much waits as PutLogEvents takes in one call.
  [[nodiscard]] bool batch_is_full() const;
  /// The oldest lines, as many as one call takes.
  wire::logs::PutLogEventsRequest take_batch();

 private:
  const std::string group_;
  const std::string stream_;
  std::deque<wire::logs::InputLogEvent> events_;
  std::int64_t last_ = 0;  ///< timestamp of the last event, which may have been taken
  std::size_t bytes_ = 0;
};

/// Sends batches of a LogQueue, one after the other, at most one a second unless they are full; for
/// the one thread that speaks to the daemon. A batch that cannot be sent is tried again for as long
/// as patience allows; lines that are lost are told on standard error, they end nothing.
class LogDelivery {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LogDelivery(const Patience& patience) : backoff_(patience) {}

  /// A batch is under way.
  [[nodiscard]] bool busy() const { return batch_.has_value(); }
  /// When a busy delivery tries again, or an idle one should take the next lines if there are any.
  [[nodiscard]] Clock::time_point next() const { return batch_ ? backoff_.next() : next_batch_; }
  /// To be called while not busy.
  void begin(wire::logs::PutLogEventsRequest batch) { batch_ = std::move(batch); }
  /// Tries to send the batch that is under way.
  void attempt(Daemon& daemon);

 private:
  std::optional<wire::logs::PutLogEventsRequest> batch_;
  Clock::time_point next_batch_{};
  Backoff backoff_;
};

}  // namespace millrace::runner
