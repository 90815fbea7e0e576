#pragma once

#include <exception>
#include <stop_token>

#include "core/base/guarded.h"

namespace millrace::runner {

/// How a channel's feed tells the job that it failed while the program runs. The program is then
/// stopped, and the job fails with the feed's reason whatever the program made of what it got.
class FeedAlarm {
 public:
  /// To be called before the program can notice anything (end of file, an I/O error): a program
  /// that takes a short stream for a whole one must not end before the job knows better. The first
  /// reason counts.
  void raise(std::exception_ptr reason) {
    reason_.with([&](std::exception_ptr& first) { first = first ? first : std::move(reason); });
    raised_.request_stop();
  }

  /// Fires with the first raise().
  [[nodiscard]] std::stop_token raised() const { return raised_.get_token(); }
  /// Throws the first reason, if there is one.
  void check() const {
    const auto reason = reason_.with([](const std::exception_ptr& first) { return first; });
    if (reason) std::rethrow_exception(reason);
  }

 private:
  Guarded<std::exception_ptr> reason_;
  std::stop_source raised_;
};

}  // namespace millrace::runner
