#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/time.h"
#include "platform/runner/channels/channel_log.h"
#include "platform/runner/daemon.h"
#include "platform/runner/log_queue.h"
#include "platform/runner/residency_log.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// Tells the daemon how the job goes and hears whether to stop. One thread sends what is due:
/// changes of phase at once and in order, log lines and metrics once a second or when a batch is
/// full, a heartbeat once a second. So the job never waits for the daemon, except when more lines
/// are queued than memory should hold (LogQueue::full).
///
/// While the daemon cannot be reached everything is kept and tried again; after Patience the
/// connection counts as lost.
class Reporter {
 public:
  /// `residency` and `channels` go with every report that finds them changed; must outlive this.
  Reporter(std::unique_ptr<Daemon> daemon, const wire::control::JobTicket& ticket,
           const Patience& patience, ResidencyLog& residency, ChannelLog& channels);
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;
  ~Reporter();

  /// `phase` is one of wire::control::JobPhase; Training begins when the program has been executed.
  void enter(const char* phase, std::optional<Time> program_started = std::nullopt);
  /// A line of the job's log; `line` is valid UTF-8 of at most kMaxLineBytes. Waits while the queue
  /// is full.
  void log(Time at, std::string_view line);
  /// A line of the supervisor itself in the job's log.
  void note(std::string_view line) { log(now(), "[millrace] " + std::string(line)); }
  void metric(wire::control::MetricPoint point);

  /// Fires when the daemon wants the job stopped, and when it is lost.
  [[nodiscard]] std::stop_token stop_requested() const { return stop_.get_token(); }
  /// How long the program may still run when the stop is an interruption: the job goes on
  /// elsewhere, and all that is kept of this attempt is its checkpoints. nullopt otherwise; known
  /// when stop_requested() fires.
  [[nodiscard]] std::optional<std::chrono::seconds> interrupted() const;
  /// Throws Error(Platform) when the daemon has been lost.
  void check_connection();

  /// Sends everything that is queued, then how this one of several hosts ended; to be called once.
  /// Returns how the job ended when this host is the last to end and therefore uploads what all
  /// left and goes on to finish(). Throws when it cannot be delivered.
  std::optional<wire::control::JobOutcome> end_host(const wire::control::JobOutcome& outcome);
  /// Sends everything that is queued, then the outcome; to be called once, last. Throws when it
  /// cannot be delivered.
  void finish(const wire::control::JobOutcome& outcome);

 private:
  using Clock = std::chrono::steady_clock;

  /// The job has come to another phase.
  struct Change {
    std::string phase;
    std::optional<Time> program_started;
  };

  void run(const std::stop_token& end);
  void take_work(const std::stop_token& end);
  [[nodiscard]] bool work_is_due() const;
  [[nodiscard]] Clock::time_point next_wake() const;
  void take_report();
  void send_report();
  void lose(std::exception_ptr failure);

  const std::unique_ptr<Daemon> daemon_;
  ResidencyLog& residency_;
  ChannelLog& channels_;
  const std::string job_name_;
  const std::string host_;
  std::stop_source stop_;

  // Shared between the job's threads and the sender; every member down to the next comment under
  // mutex_.
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Change> changes_;
  LogQueue lines_;
  std::vector<wire::control::MetricPoint> metrics_;
  std::optional<wire::control::JobOutcome> host_end_;  ///< until the daemon has answered it
  std::optional<wire::control::JobOutcome> job_end_;   ///< what it has answered
  std::optional<wire::control::JobOutcome> outcome_;
  std::optional<std::chrono::seconds> interrupted_;
  bool delivered_ = false;
  std::exception_ptr lost_;

  // The sender's own.
  LogDelivery log_;
  std::optional<wire::control::ReportJobRequest> report_;
  Clock::time_point next_heartbeat_;
  Backoff report_backoff_;

  std::jthread sender_;
};

}  // namespace millrace::runner
