#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

#include "platform/runner/retry.h"

namespace millrace::runner {

/// Ends work that has a time limit: its token fires with `stop`, and when the limit is over.
class Deadline {
 public:
  Deadline(const std::stop_token& stop, std::chrono::seconds limit)
      : at_(Backoff::Clock::now() + limit),
        early_(stop, [this] { source_.request_stop(); }),
        timer_([this] {
          wait_until(at_, source_.get_token());
          source_.request_stop();
        }) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { source_.request_stop(); }

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  [[nodiscard]] bool passed() const { return Backoff::Clock::now() >= at_; }

 private:
  const Backoff::Clock::time_point at_;
  std::stop_source source_;
  std::stop_callback<std::function<void()>> early_;
  std::jthread timer_;
};

}  // namespace millrace::runner
