#include "platform/runner/reporter.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "core/base/error.h"

namespace millrace::runner {
namespace {

constexpr std::chrono::seconds kInterval{1};
/// What PutLogEvents takes in one call: events, and bytes with 26 counted for each event.
constexpr std::size_t kMaxBatchEvents = 10000;
constexpr std::size_t kMaxBatchBytes = 1048576;
constexpr std::size_t kEventOverhead = 26;
/// Beyond this the program has to wait, since memory must not grow with what it prints.
constexpr std::size_t kMaxQueuedLogBytes = 4 * kMaxBatchBytes;
constexpr std::size_t kMaxQueuedMetrics = 20000;
constexpr std::size_t kMaxReportMetrics = 5000;

std::size_t cost_of(const wire::logs::InputLogEvent& event) {
  return event.message.size() + kEventOverhead;
}

}  // namespace

Reporter::Reporter(std::unique_ptr<Daemon> daemon, const wire::control::JobTicket& ticket,
                   const Patience& patience)
    : daemon_(std::move(daemon)),
      job_name_(ticket.job_name),
      host_(ticket.host),
      log_group_(ticket.log_group),
      log_stream_(ticket.log_stream),
      next_heartbeat_(Clock::now() + kInterval),
      put_backoff_(patience),
      report_backoff_(patience),
      sender_([this](const std::stop_token& end) { run(end); }) {}

Reporter::~Reporter() = default;

void Reporter::enter(const char* phase, std::optional<Time> program_started) {
  const std::lock_guard lock(mutex_);
  changes_.push_back({.phase = phase, .program_started = program_started});
  changed_.notify_all();
}

void Reporter::log(Time at, std::string_view line) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return event_bytes_ < kMaxQueuedLogBytes || lost_; });
  if (lost_) return;
  // A log event must have a text, and events must come in the order of time, which a clock may not
  // keep.
  std::int64_t millis = to_millis(at);
  if (!events_.empty()) millis = std::max(millis, events_.back().timestamp);
  const bool first = events_.empty();
  events_.push_back({.timestamp = millis, .message = std::string(line.empty() ? " " : line)});
  event_bytes_ += cost_of(events_.back());
  if (first || batch_is_full()) changed_.notify_all();
}

void Reporter::metric(wire::control::MetricPoint point) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return metrics_.size() < kMaxQueuedMetrics || lost_; });
  if (lost_) return;
  metrics_.push_back(std::move(point));
  if (metrics_.size() == kMaxReportMetrics) changed_.notify_all();
}

std::optional<std::chrono::seconds> Reporter::interrupted() const {
  const std::lock_guard lock(mutex_);
  return interrupted_;
}

void Reporter::check_connection() {
  const std::lock_guard lock(mutex_);
  if (lost_) std::rethrow_exception(lost_);
}

std::optional<wire::control::JobOutcome> Reporter::end_host(
    const wire::control::JobOutcome& outcome) {
  std::unique_lock lock(mutex_);
  host_end_ = outcome;
  changed_.notify_all();
  changed_.wait(lock, [&] { return !host_end_ || lost_; });
  if (host_end_) std::rethrow_exception(lost_);
  return job_end_;
}

void Reporter::finish(const wire::control::JobOutcome& outcome) {
  std::unique_lock lock(mutex_);
  outcome_ = outcome;
  changed_.notify_all();
  changed_.wait(lock, [&] { return delivered_ || lost_; });
  if (!delivered_) std::rethrow_exception(lost_);
}

void Reporter::run(const std::stop_token& end) {
  try {
    while (!end.stop_requested()) {
      take_work(end);
      if (batch_ && Clock::now() >= put_backoff_.next()) send_batch();
      if (report_ && Clock::now() >= report_backoff_.next()) send_report();
      const std::lock_guard lock(mutex_);
      if (delivered_ || lost_) return;
    }
  } catch (...) {
    lose(std::current_exception());
  }
}

bool Reporter::batch_is_full() const {
  return event_bytes_ >= kMaxBatchBytes || events_.size() >= kMaxBatchEvents;
}

bool Reporter::work_is_due() const {
  const Clock::time_point at = Clock::now();
  if (batch_ || report_) return at >= next_wake();
  if (!changes_.empty() || host_end_ || outcome_ || metrics_.size() >= kMaxReportMetrics ||
      at >= next_heartbeat_)
    return true;
  return !events_.empty() && (batch_is_full() || at >= next_put_);
}

Reporter::Clock::time_point Reporter::next_wake() const {
  Clock::time_point next = next_heartbeat_;
  if (batch_) next = std::min(next, put_backoff_.next());
  if (report_) next = std::min(next, report_backoff_.next());
  if (!batch_ && !events_.empty()) next = std::min(next, next_put_);
  return next;
}

void Reporter::take_work(const std::stop_token& end) {
  std::unique_lock lock(mutex_);
  while (!work_is_due() && !end.stop_requested()) {
    changed_.wait_until(lock, end, next_wake(), [&] { return work_is_due(); });
  }
  const Clock::time_point at = Clock::now();
  const bool ending = host_end_ || outcome_;
  if (!batch_ && !events_.empty() && (batch_is_full() || ending || at >= next_put_)) take_batch();
  const bool flushed = !batch_ && events_.empty();
  if (!report_ && (!changes_.empty() || metrics_.size() >= kMaxReportMetrics ||
                   at >= next_heartbeat_ || (ending && flushed))) {
    take_report();
  }
  changed_.notify_all();  // there is room again
}

void Reporter::take_batch() {
  batch_.emplace();
  batch_->log_group_name = log_group_;
  batch_->log_stream_name = log_stream_;
  std::size_t bytes = 0;
  while (!events_.empty() && batch_->log_events.size() < kMaxBatchEvents &&
         bytes + cost_of(events_.front()) <= kMaxBatchBytes) {
    bytes += cost_of(events_.front());
    batch_->log_events.push_back(std::move(events_.front()));
    events_.pop_front();
  }
  event_bytes_ -= bytes;
}

void Reporter::take_report() {
  report_.emplace();
  report_->job_name = job_name_;
  report_->host = host_;
  report_->supervisor_pid = ::getpid();
  // The daemon hears of the end in a report of its own, after every phase has been one.
  const bool nothing_happened = changes_.empty();
  if (!nothing_happened) {
    report_->phase = std::move(changes_.front().phase);
    report_->program_started = changes_.front().program_started;
    changes_.pop_front();
  }
  if (!metrics_.empty()) {
    const auto end = metrics_.begin() +
                     static_cast<std::ptrdiff_t>(std::min(metrics_.size(), kMaxReportMetrics));
    report_->metrics.emplace(std::make_move_iterator(metrics_.begin()),
                             std::make_move_iterator(end));
    metrics_.erase(metrics_.begin(), end);
  }
  if (nothing_happened && metrics_.empty() && events_.empty() && !batch_) {
    report_->host_ended = host_end_;
    report_->outcome = outcome_;
  }
}

void Reporter::send_batch() {
  try {
    daemon_->put_log_events(*batch_);
    put_backoff_.succeeded();
  } catch (const Error& error) {
    put_backoff_.failed();
    // Lost lines are told, but they do not end a job.
    if (error.blame() == Blame::Platform && !put_backoff_.exhausted()) return;
    std::cerr << "event=log_lines_lost count=" << batch_->log_events.size() << " reason=\""
              << error.what() << "\"\n";
    put_backoff_.succeeded();
  }
  batch_.reset();
  next_put_ = Clock::now() + kInterval;
}

void Reporter::send_report() {
  wire::control::ReportJobResponse answer;
  try {
    answer = daemon_->report(*report_);
    report_backoff_.succeeded();
    next_heartbeat_ = Clock::now() + kInterval;
    if (answer.interrupt_grace_in_seconds) {
      const std::lock_guard lock(mutex_);
      interrupted_ = std::chrono::seconds(*answer.interrupt_grace_in_seconds);
    }
    if (answer.stop_requested) stop_.request_stop();
  } catch (const Error& error) {
    report_backoff_.failed();
    if (error.blame() == Blame::Platform && !report_backoff_.exhausted()) {
      next_heartbeat_ = report_backoff_.next();
      return;
    }
    throw;
  }
  const bool host_end = report_->host_ended.has_value();
  const bool last = report_->outcome.has_value();
  report_.reset();
  const std::lock_guard lock(mutex_);
  if (host_end) {
    host_end_.reset();
    job_end_ = std::move(answer.job_end);
  }
  delivered_ = last;
  changed_.notify_all();
}

void Reporter::lose(std::exception_ptr failure) {
  {
    const std::lock_guard lock(mutex_);
    lost_ = std::move(failure);
    changed_.notify_all();
  }
  stop_.request_stop();
}

}  // namespace millrace::runner
