#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// A daemon that answers, yet breaks off an object so many times in a row without a byte between,
/// has not the whole of it.
inline constexpr int kMaxBrokenAnswers = 4;

/// What all who read an object's listed version do when the reading breaks off: a daemon that
/// cannot be reached comes back and is waited for, an object that was replaced, deleted or damaged
/// will not.
///
///     ReadAttempts attempts(object, patience, stop);
///     while (offset < end) {
///       try {
///         offset += read_some(offset);
///         attempts.progressed();
///       } catch (const Error& error) {
///         attempts.broke(error, daemon, offset);
///       }
///     }
class ReadAttempts {
 public:
  ReadAttempts(ObjectName object, const Patience& patience, std::stop_token stop)
      : object_(std::move(object)), backoff_(patience), stop_(std::move(stop)) {}

  /// Bytes have come.
  void progressed() {
    broken_ = 0;
    backoff_.succeeded();
  }

  /// Returns when the bytes from `have` on shall be asked for again. Throws Error saying what to do
  /// about it: Customer when the object was replaced or deleted since it was listed, Platform when
  /// the daemon answers but not with these bytes, which a second or two decide; and `error` itself
  /// when the daemon refuses, when patience is exhausted and when a stop was requested. `daemon` is
  /// null when there is no connection to ask.
  void broke(const Error& error, Daemon* daemon, std::int64_t have);

 private:
  [[nodiscard]] bool answers(Daemon& daemon) const;

  const ObjectName object_;
  Backoff backoff_;
  const std::stop_token stop_;
  int broken_ = 0;
};

/// What to say of an object of which the store has only the first `have` bytes.
std::string missing_bytes(std::int64_t have, const char* reason);

}  // namespace millrace::runner
