#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "core/base/fd.h"
#include "platform/runner/serving/server_gate.h"

namespace millrace::runner {

/// Where the requests of a transform job wait while its model's server starts, and starts again.
/// Any thread.
class ModelGate final : public ServerGate {
 public:
  using Clock = std::chrono::steady_clock;

  void open(std::shared_ptr<Door> door) override;
  void close(std::string reason) override;
  /// For good: nobody waits any more.
  void shut(std::string reason);

  /// Waits until the server is healthy; false when the gate is shut, or `stop` fires, before that.
  bool wait(const std::stop_token& stop);
  /// A connected socket to the server, for which it waits until `until`. Throws Error(Platform)
  /// saying why there is none.
  Fd connect(Clock::time_point until, const std::stop_token& stop);

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::shared_ptr<Door> door_;
  std::string reason_ = "it is starting";
  bool shut_ = false;
};

}  // namespace millrace::runner
