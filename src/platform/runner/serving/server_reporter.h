#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/time.h"
#include "platform/runner/daemon.h"
#include "platform/runner/log_queue.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// How a model's server is, as ReportServer tells it.
struct ServerState {
  std::string phase;  ///< one of wire::control::ServerPhase
  std::string reason;
  std::int64_t restarts = 0;
  /// Figures of the instance since the last report, and what tells them from others; the reporter's
  /// to fill in.
  std::vector<wire::control::MetricPoint> metrics{};
  std::string metrics_id{};
};

/// Tells the daemon how a model's server is and hears whether to stop: every change of state at
/// once and in order, the last one again every second, log lines as LogDelivery sends them. What a
/// report says beside the state is the caller's. One
/// thread does it, so that the server is looked after while the daemon is away; after Patience the
/// daemon counts as lost.
class ServerReporter {
 public:
  /// Sends one report; whether the daemon wants a stop. Runs on the reporter's thread.
  using Report = std::function<bool(Daemon& daemon, const ServerState& state)>;

  ServerReporter(std::unique_ptr<Daemon> daemon, const wire::control::ServerTicket& ticket,
                 const Patience& patience, Report report);
  ServerReporter(const ServerReporter&) = delete;
  ServerReporter& operator=(const ServerReporter&) = delete;
  ~ServerReporter();

  void enter(ServerState state);
  /// A line of the server's output, as LineSplitter cuts it. Waits while too much is queued.
  void log(Time at, std::string_view line);
  /// A figure of the instance; goes with the next report. The oldest are dropped while the daemon
  /// is away for long.
  void metric(wire::control::MetricPoint point);
  /// A line of the supervisor itself in the server's log.
  void note(std::string_view line) { log(now(), "[millrace] " + std::string(line)); }

  /// Fires when the daemon wants the server stopped, and when it is lost.
  [[nodiscard]] std::stop_token stop_requested() const { return stop_.get_token(); }

  /// Sends what is queued, then the state, which is the last one. Throws when the daemon has been
  /// lost.
  void finish(ServerState last);

 private:
  using Clock = std::chrono::steady_clock;

  void run(const std::stop_token& end);
  [[nodiscard]] bool last_state_is_held() const;
  [[nodiscard]] bool report_is_due(Clock::time_point at) const;
  [[nodiscard]] bool lines_are_due(Clock::time_point at) const;
  [[nodiscard]] Clock::time_point next_wake() const;
  void send_report();

  const std::unique_ptr<Daemon> daemon_;
  const Report report_;
  std::stop_source stop_;

  // Under mutex_.
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<ServerState> states_;  ///< those not told yet, oldest first
  LogQueue lines_;
  std::vector<wire::control::MetricPoint> metrics_;
  bool ending_ = false;  ///< the last of states_ is the last of all
  bool delivered_ = false;
  std::exception_ptr lost_;

  // The sender's own.
  ServerState told_;
  std::vector<wire::control::MetricPoint> untold_;  ///< the same until they have been told
  std::string untold_id_;
  LogDelivery log_;
  Clock::time_point next_heartbeat_;
  Backoff backoff_;

  std::jthread sender_;
};

/// ReportServer, for the instance of an endpoint that the ticket is of.
ServerReporter::Report report_of_endpoint(const wire::control::ServerTicket& ticket);

}  // namespace millrace::runner
