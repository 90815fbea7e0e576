#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "generated/aws/control/types.h"
#include "platform/runner/network/door.h"
#include "platform/runner/sandbox/sandbox.h"
#include "platform/runner/serving/last_lines.h"
#include "platform/runner/serving/server_gate.h"
#include "platform/runner/serving/server_reporter.h"
#include "platform/runner/serving/supervise_server.h"
#include "platform/runner/workspace.h"

namespace millrace::runner {

/// What a model's server runs in; everything must outlive the run.
struct ServerSurroundings {
  const ServingOptions& options;
  const Workspace& workspace;
  const ConnectDaemon& connect;
  ServerReporter& reporter;
  ServerGate& gate;
  std::stop_token end;  ///< besides ServerReporter::stop_requested()
};

/// One instance of a model's server, from its model to its end, however often it is started.
class ServerRun {
 public:
  ServerRun(const wire::control::ServerTicket& ticket, const ServerSurroundings& around);

  /// Returns why it ended; empty when it was wanted. Throws Error for what failed before the server
  /// could be started. On the main thread, with which the server dies.
  std::string run();

  [[nodiscard]] std::int64_t restarts() const { return restarts_; }

 private:
  using Clock = std::chrono::steady_clock;

  /// One start of the server, and what became of it.
  struct Life {
    std::string end;        ///< why it is over, a sentence; empty: a stop was requested
    bool may_go_on = true;  ///< another start may help
    std::optional<Clock::time_point> healthy_since;
  };
  class Watch;

  Life live();
  std::unique_ptr<Program> start(std::shared_ptr<Door>& door, NamespaceDoor*& namespace_door);
  [[nodiscard]] SandboxOrder order() const;
  /// Whether nothing leads to the daemon.
  [[nodiscard]] bool is_isolated() const {
    return ticket_.network_isolation || around_.options.daemon_socket.empty();
  }
  /// Until when the server has to be healthy.
  [[nodiscard]] Clock::time_point deadline() const;
  /// Says what comes next and waits for it.
  void pause_after(const Life& life, const std::string& reason);

  const wire::control::ServerTicket& ticket_;
  const ServerSurroundings& around_;
  const ServerTimes& times_;
  std::stop_source stop_;  ///< either of the two that are heard
  std::stop_callback<std::function<void()>> by_daemon_;
  std::stop_callback<std::function<void()>> by_signal_;

  std::optional<Bind> model_;
  LastLines last_lines_;
  std::int64_t restarts_ = 0;
  bool was_healthy_ = false;
  std::chrono::milliseconds pause_;
  Clock::time_point started_{};
};

}  // namespace millrace::runner
