#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/base/guarded.h"
#include "core/base/time.h"

namespace millrace::console {

/// Slows down whoever tries keys: after five failures of one client it has to wait a second before
/// the next attempt is looked at, then twice as long each time, up to a minute. Nobody is made to
/// wait on a thread: an early attempt is refused unseen.
class SignInGate {
 public:
  using Clock = std::function<Time()>;
  explicit SignInGate(Clock clock = now) : clock_(std::move(clock)) {}

  /// How long `client`, an address without its port, has to wait before it may try; nullopt: not at
  /// all.
  [[nodiscard]] std::optional<std::chrono::seconds> wait(const std::string& client) const;
  void failed(const std::string& client);
  void succeeded(const std::string& client);

 private:
  struct Record {
    int failures = 0;
    Time next{};  ///< when the next attempt is looked at
  };

  const Clock clock_;
  Guarded<std::unordered_map<std::string, Record>> clients_;
};

}  // namespace millrace::console
