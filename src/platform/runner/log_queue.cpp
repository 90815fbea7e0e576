#include "platform/runner/log_queue.h"

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
constexpr std::size_t kMaxQueuedBytes = 4 * kMaxBatchBytes;

std::size_t cost_of(const wire::logs::InputLogEvent& event) {
  return event.message.size() + kEventOverhead;
}

}  // namespace

void LogQueue::push(Time at, std::string_view line) {
  // A log event must have a text, and events must come in the order of time, which a clock may not
  // keep. One that was set back by more than a little is believed once all before it has been
  // taken: the service refuses events from too far ahead.
  constexpr std::int64_t kBelievedAheadMs = 60'000;
  const std::int64_t millis = to_millis(at);
  const bool set_back = events_.empty() && last_ > millis + kBelievedAheadMs;
  last_ = set_back ? millis : std::max(last_, millis);
  events_.push_back({.timestamp = last_, .message = std::string(line.empty() ? " " : line)});
  bytes_ += cost_of(events_.back());
}

bool LogQueue::full() const {
  return bytes_ >= kMaxQueuedBytes;
}

bool LogQueue::batch_is_full() const {
  return bytes_ >= kMaxBatchBytes || events_.size() >= kMaxBatchEvents;
}

wire::logs::PutLogEventsRequest LogQueue::take_batch() {
  wire::logs::PutLogEventsRequest batch;
  batch.log_group_name = group_;
  batch.log_stream_name = stream_;
  std::size_t bytes = 0;
  while (!events_.empty() && batch.log_events.size() < kMaxBatchEvents &&
         bytes + cost_of(events_.front()) <= kMaxBatchBytes) {
    bytes += cost_of(events_.front());
    batch.log_events.push_back(std::move(events_.front()));
    events_.pop_front();
  }
  bytes_ -= bytes;
  return batch;
}

void LogDelivery::attempt(Daemon& daemon) {
  try {
    daemon.put_log_events(*batch_);
  } catch (const Error& error) {
    backoff_.failed();
    // Lost lines are told, but they do not end a job.
    if (error.blame() == Blame::Platform && !backoff_.exhausted()) return;
    std::cerr << "event=log_lines_lost count=" << batch_->log_events.size() << " reason=\""
              << error.what() << "\"\n";
  }
  backoff_.succeeded();
  batch_.reset();
  next_batch_ = Clock::now() + kInterval;
}

}  // namespace millrace::runner
