#include "platform/console/event_streams.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "platform/jobs/job_record.h"
#include "platform/jobs/ticket.h"

namespace millrace::console {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery{500};
constexpr std::chrono::seconds kBeatEvery{10};

/// The cursor of a topic in an event's id, "topic=cursor;topic=cursor".
Cursor cursor_in(std::string_view id, const std::string& topic) {
  for (const std::string_view part : split(id, ';')) {
    if (part.size() > topic.size() && part[topic.size()] == '=' && part.starts_with(topic))
      return Cursor(part.substr(topic.size() + 1));
  }
  return {};
}

}  // namespace

EventStreams::EventStreams(records::Database& database, const catalog::Algorithms& algorithms,
                           Permit permit, Lives lives)
    : database_(database),
      algorithms_(algorithms),
      permit_(std::move(permit)),
      lives_(std::move(lives)),
      thread_([this] { run(); }) {}

EventStreams::~EventStreams() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::shared_ptr<void> EventStreams::take_seat() {
  if (seats_->fetch_add(1) >= kMaxStreams) {
    seats_->fetch_sub(1);
    return nullptr;
  }
  return {seats_.get(), [seats = seats_](void*) { seats->fetch_sub(1); }};
}

void EventStreams::follow(Call& call, Stream& stream) {
  const std::string resume(call.request.headers.find("Last-Event-ID").value_or(""));
  for (const std::string_view text : split(call.text("topics"), ',')) {
    const std::optional<Topic> topic = Topic::parse(trim(text));
    if (!topic || stream.topics.size() == kMaxTopics) {
      throw Error(Blame::Customer, "ValidationException",
                  describe(Problem{.where = "query parameter 'topics'",
                                   .given = std::string(call.text("topics")),
                                   .expected = "1 to " + std::to_string(kMaxTopics) +
                                               " of jobs, job:NAME, metrics:NAME, log:NAME and "
                                               "endpoints, separated by commas",
                                   .fix = {}}));
    }
    const std::string& region = call.caller.region;
    const std::string& account = call.caller.account;
    switch (topic->kind) {
      case Topic::Kind::Jobs:
        permit_(call, "sagemaker:ListTrainingJobs", "*");
        break;
      case Topic::Kind::Job:
        permit_(call, "sagemaker:DescribeTrainingJob",
                jobs::training_job_arn(region, account, topic->job));
        break;
      case Topic::Kind::Metrics:
        permit_(call, "cloudwatch:GetMetricData", "*");
        break;
      case Topic::Kind::Log:
        permit_(call, "logs:GetLogEvents",
                "arn:aws:logs:" + region + ":" + account + ":log-group:" + jobs::kTrainingLogGroup);
        break;
      case Topic::Kind::Endpoints:
        permit_(call, "sagemaker:ListEndpoints", "*");
        break;
    }
    stream.topics.push_back({.topic = *topic, .cursor = cursor_in(resume, topic->text())});
  }
}

http::Response EventStreams::open(Call& call) {
  Stream stream{.feed = {},
                .seat = {},
                .account = call.caller.account,
                .access_key = call.caller.access_key,
                .session = call.session,
                .topics = {}};
  follow(call, stream);
  stream.seat = take_seat();
  if (!stream.seat) {
    http::Response response = refusal(503, "ServiceUnavailable",
                                      "Too many streams of events are open. Ask for the state "
                                      "itself every two seconds instead.");
    response.headers.add("Retry-After", "10");
    return response;
  }
  http::Response response;
  response.headers.add("Content-Type", "text/event-stream; charset=utf-8");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("X-Accel-Buffering", "no");
  response.feed = [this, stream = std::move(stream)](std::shared_ptr<http::Feed> feed) mutable {
    http::Feed::write(feed, "retry: 2000\n\n");
    Stream started = std::move(stream);
    started.feed = std::move(feed);
    started.next_beat = Clock::now() + kBeatEvery;
    {
      const std::lock_guard lock(mutex_);
      newcomers_.push_back(std::move(started));
    }
    changed_.notify_all();
  };
  return response;
}

void EventStreams::run() {
  for (;;) {
    std::vector<Stream> fresh;
    {
      std::unique_lock lock(mutex_);
      const auto called = [&] { return ending_ || !newcomers_.empty(); };
      if (streams_.empty()) {
        changed_.wait(lock, called);
      } else {
        changed_.wait_for(lock, kLookEvery, called);
      }
      if (ending_) break;
      fresh = std::exchange(newcomers_, {});
    }
    const bool any = !fresh.empty();
    for (Stream& stream : fresh) streams_.push_back(std::move(stream));
    try {
      keep_alive();
      const std::uint64_t changes = database_.changes();
      if (!any && changes == seen_) continue;
      look();
      seen_ = changes;
    } catch (const std::exception& error) {
      // The streams stay, and are told when it works again.
      log_event("events-failed", {{"message", error.what()}});
    }
  }
  for (Stream& stream : streams_) http::Feed::end(stream.feed);
}

void EventStreams::look() {
  TopicLook look(database_, algorithms_);
  for (Stream& stream : streams_) tell(stream, look);
}

void EventStreams::tell(Stream& stream, TopicLook& look) {
  for (Followed& followed : stream.topics) {
    const std::vector<Json> news = look.news(followed.topic, stream.account, followed.cursor);
    for (const Json& json : news) {
      std::string text = "event: " + std::string(followed.topic.event()) + "\nid: ";
      for (const Followed& each : stream.topics) {
        text.append(each.topic.text()).append("=").append(each.cursor).append(";");
      }
      text.append("\ndata: ").append(to_text(json)).append("\n\n");
      if (!http::Feed::write(stream.feed, text)) return;
    }
  }
}

/// Drops streams that are over, ends those whose session is, and keeps proxies from taking silence
/// for death.
void EventStreams::keep_alive() {
  const auto at = Clock::now();
  std::erase_if(streams_, [&](Stream& stream) {
    if (stream.feed->over()) return true;
    if (!lives_(stream.session, stream.access_key)) {
      http::Feed::end(stream.feed);
      return true;
    }
    if (at >= stream.next_beat) {
      stream.next_beat = at + kBeatEvery;
      http::Feed::write(stream.feed, ": \n\n");
    }
    return false;
  });
}

}  // namespace millrace::console
