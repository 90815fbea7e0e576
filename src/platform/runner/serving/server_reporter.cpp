#include "platform/runner/serving/server_reporter.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/random.h"

namespace millrace::runner {
namespace {

constexpr std::chrono::seconds kInterval{1};
/// More figures than an instance has in ten minutes, the time that a daemon may be away.
constexpr std::size_t kMaxMetrics = 256;

}  // namespace

ServerReporter::ServerReporter(std::unique_ptr<Daemon> daemon,
                               const wire::control::ServerTicket& ticket, const Patience& patience,
                               Report report)
    : daemon_(std::move(daemon)),
      report_(std::move(report)),
      states_{{.phase = wire::control::ServerPhase::Starting}},
      lines_(ticket.log_group, ticket.log_stream),
      log_(patience),
      next_heartbeat_(Clock::now() + kInterval),
      backoff_(patience),
      sender_([this](const std::stop_token& end) { run(end); }) {}

ServerReporter::~ServerReporter() = default;

void ServerReporter::enter(ServerState state) {
  const std::lock_guard lock(mutex_);
  states_.push_back(std::move(state));
  changed_.notify_all();
}

void ServerReporter::log(Time at, std::string_view line) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !lines_.full() || lost_; });
  if (lost_) return;
  lines_.push(at, line);
  changed_.notify_all();
}

void ServerReporter::metric(wire::control::MetricPoint point) {
  const std::lock_guard lock(mutex_);
  metrics_.push_back(std::move(point));
  if (metrics_.size() > kMaxMetrics) metrics_.erase(metrics_.begin());
}

void ServerReporter::finish(ServerState last) {
  std::unique_lock lock(mutex_);
  states_.push_back(std::move(last));
  ending_ = true;
  changed_.notify_all();
  changed_.wait(lock, [&] { return delivered_ || lost_; });
  if (!delivered_) std::rethrow_exception(lost_);
}

/// The last state is told when every line is: nobody looks at the log of an ended server again.
bool ServerReporter::last_state_is_held() const {
  return ending_ && states_.size() == 1 && (log_.busy() || !lines_.empty());
}

bool ServerReporter::report_is_due(Clock::time_point at) const {
  if (last_state_is_held()) return false;
  if (backoff_.failing()) return at >= backoff_.next();
  return !states_.empty() || at >= next_heartbeat_;
}

bool ServerReporter::lines_are_due(Clock::time_point at) const {
  if (log_.busy()) return at >= log_.next();
  return !lines_.empty() && (ending_ || lines_.batch_is_full() || at >= log_.next());
}

ServerReporter::Clock::time_point ServerReporter::next_wake() const {
  if (last_state_is_held()) return log_.next();
  Clock::time_point next = backoff_.failing() ? backoff_.next() : next_heartbeat_;
  if (log_.busy() || !lines_.empty()) next = std::min(next, log_.next());
  return next;
}

void ServerReporter::run(const std::stop_token& end) {
  try {
    while (!end.stop_requested()) {
      bool report = false;
      bool lines = false;
      {
        std::unique_lock lock(mutex_);
        const auto due = [&] {
          const Clock::time_point at = Clock::now();
          report = report_is_due(at);
          lines = lines_are_due(at);
          return report || lines;
        };
        if (!due()) changed_.wait_until(lock, end, next_wake(), due);
        if (lines && !log_.busy()) log_.begin(lines_.take_batch());
        changed_.notify_all();  // there is room again
      }
      if (lines) log_.attempt(*daemon_);
      if (report) send_report();
      const std::lock_guard lock(mutex_);
      if (delivered_) return;
    }
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      lost_ = std::current_exception();
      changed_.notify_all();
    }
    stop_.request_stop();
  }
}

void ServerReporter::send_report() {
  bool last = false;
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    // The end may have come since this report fell due, with lines that are still to be sent.
    is_new = !states_.empty() && !last_state_is_held();
    if (is_new) told_ = states_.front();
    last = is_new && ending_ && states_.size() == 1;
    if (untold_.empty()) {
      untold_.swap(metrics_);
      untold_id_ = random_hex(8);
    }
  }
  try {
    ServerState state = told_;
    state.metrics = untold_;
    state.metrics_id = untold_id_;
    const bool stop = report_(*daemon_, state);
    backoff_.succeeded();
    next_heartbeat_ = Clock::now() + kInterval;
    if (stop) stop_.request_stop();
  } catch (const Error& error) {
    backoff_.failed();
    if (error.blame() == Blame::Platform && !backoff_.exhausted()) return;
    throw;
  }
  untold_.clear();
  const std::lock_guard lock(mutex_);
  if (is_new) states_.pop_front();
  delivered_ = last;
  changed_.notify_all();
}

ServerReporter::Report report_of_endpoint(const wire::control::ServerTicket& ticket) {
  return
      [workload = ticket.workload, host = ticket.host](Daemon& daemon, const ServerState& state) {
        return daemon
            .report_server(
                {.workload = workload,
                 .host = host,
                 .phase = state.phase,
                 .reason = state.reason.empty() ? std::nullopt : std::optional(state.reason),
                 .restarts = state.restarts,
                 .metrics = state.metrics.empty() ? std::nullopt : std::optional(state.metrics),
                 .metrics_id = state.metrics_id,
                 .supervisor_pid = ::getpid()})
            .stop_requested;
      };
}

}  // namespace millrace::runner
