#include "platform/runner/reporter.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "core/base/error.h"
#include "core/base/random.h"

namespace millrace::runner {
namespace {

constexpr std::chrono::seconds kInterval{1};
constexpr std::size_t kMaxQueuedMetrics = 20000;
constexpr std::size_t kMaxReportMetrics = 5000;

}  // namespace

Reporter::Reporter(std::unique_ptr<Daemon> daemon, const wire::control::JobTicket& ticket,
                   const Patience& patience, ResidencyLog& residency, ChannelLog& channels)
    : daemon_(std::move(daemon)),
      residency_(residency),
      channels_(channels),
      job_name_(ticket.job_name),
      host_(ticket.host),
      lines_(ticket.log_group, ticket.log_stream),
      log_(patience),
      next_heartbeat_(Clock::now() + kInterval),
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
  changed_.wait(lock, [&] { return !lines_.full() || lost_; });
  if (lost_) return;
  const bool first = lines_.empty();
  lines_.push(at, line);
  if (first || lines_.batch_is_full()) changed_.notify_all();
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
      if (log_.busy() && Clock::now() >= log_.next()) log_.attempt(*daemon_);
      if (report_ && Clock::now() >= report_backoff_.next()) send_report();
      const std::lock_guard lock(mutex_);
      if (delivered_ || lost_) return;
    }
  } catch (...) {
    lose(std::current_exception());
  }
}

bool Reporter::work_is_due() const {
  const Clock::time_point at = Clock::now();
  if (log_.busy() || report_) return at >= next_wake();
  if (!changes_.empty() || host_end_ || outcome_ || metrics_.size() >= kMaxReportMetrics ||
      at >= next_heartbeat_)
    return true;
  return !lines_.empty() && (lines_.batch_is_full() || at >= log_.next());
}

Reporter::Clock::time_point Reporter::next_wake() const {
  Clock::time_point next = next_heartbeat_;
  if (log_.busy() || !lines_.empty()) next = std::min(next, log_.next());
  if (report_) next = std::min(next, report_backoff_.next());
  return next;
}

void Reporter::take_work(const std::stop_token& end) {
  std::unique_lock lock(mutex_);
  while (!work_is_due() && !end.stop_requested()) {
    changed_.wait_until(lock, end, next_wake(), [&] { return work_is_due(); });
  }
  const Clock::time_point at = Clock::now();
  const bool ending = host_end_ || outcome_;
  if (!log_.busy() && !lines_.empty() && (lines_.batch_is_full() || ending || at >= log_.next())) {
    log_.begin(lines_.take_batch());
  }
  const bool flushed = !log_.busy() && lines_.empty();
  if (!report_ && (!changes_.empty() || metrics_.size() >= kMaxReportMetrics ||
                   at >= next_heartbeat_ || (ending && flushed))) {
    take_report();
  }
  changed_.notify_all();  // there is room again
}

void Reporter::take_report() {
  report_.emplace();
  report_->job_name = job_name_;
  report_->host = host_;
  report_->supervisor_pid = ::getpid();
  report_->residency = residency_.changed();
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
    report_->metrics_id = random_hex(8);
  }
  if (nothing_happened && metrics_.empty() && lines_.empty() && !log_.busy()) {
    report_->host_ended = host_end_;
    report_->outcome = outcome_;
  }
  report_->channels = channels_.changed(report_->host_ended || report_->outcome);
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
