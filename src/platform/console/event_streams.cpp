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
                           Permit permit, Allows allows, Lives lives)
    : database_(database),
      algorithms_(algorithms),
      permit_(std::move(permit)),
      allows_(std::move(allows)),
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

std::shared_ptr<void> EventStreams::take_seat(const aws::Caller& caller) {
  const std::string user = caller.account + "/" + caller.user;
  const bool free = seats_->with([&](Seats& seats) {
    const auto known = seats.by_user.find(user);
    const int of_user = known == seats.by_user.end() ? 0 : known->second;
    if (seats.taken >= kMaxStreams || of_user >= kMaxStreamsOfUser) return false;
    ++seats.taken;
    seats.by_user[user] = of_user + 1;
    return true;
  });
  if (!free) return nullptr;
  return {seats_.get(), [seats = seats_, user](void*) {
            seats->with([&](Seats& all) {
              --all.taken;
              const auto of_user = all.by_user.find(user);
              if (--of_user->second == 0) all.by_user.erase(of_user);
            });
          }};
}

aws::ResourceAccess EventStreams::access_to(const Topic& topic, const aws::Caller& caller) {
  switch (topic.kind) {
    case Topic::Kind::Jobs:
      return {"sagemaker:ListTrainingJobs", "*"};
    case Topic::Kind::Job:
      return {"sagemaker:DescribeTrainingJob",
              jobs::training_job_arn(caller.region, caller.account, topic.job)};
    case Topic::Kind::Metrics:
      return {"cloudwatch:GetMetricData", "*"};
    case Topic::Kind::Log:
      return {"logs:GetLogEvents", "arn:aws:logs:" + caller.region + ":" + caller.account +
                                       ":log-group:" + jobs::kTrainingLogGroup};
    case Topic::Kind::Endpoints:
      break;
  }
  return {"sagemaker:ListEndpoints", "*"};
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
    const aws::ResourceAccess access = access_to(*topic, call.caller);
    permit_(call, access.action, access.resource);
    stream.topics.push_back(
        {.topic = *topic, .cursor = cursor_in(resume, topic->text()), .access = access});
  }
}

http::Response EventStreams::open(Call& call) {
  Stream stream{
      .feed = {}, .seat = {}, .caller = call.caller, .session = call.session, .topics = {}};
  follow(call, stream);
  stream.seat = take_seat(call.caller);
  if (!stream.seat) {
    http::Response response = refusal(503, "ServiceUnavailable",
                                      "Too many streams of events are open, of everybody or of "
                                      "yours. Ask for the state "
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
    const std::vector<Json> news =
        look.news(followed.topic, stream.caller.account, followed.cursor);
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

bool EventStreams::may_go_on(const Stream& stream) const {
  return lives_(stream.session, stream.caller.access_key) &&
         std::all_of(stream.topics.begin(), stream.topics.end(), [&](const Followed& followed) {
           return allows_(stream.caller, followed.access.action, followed.access.resource);
         });
}

/// Drops streams that are over, ends those that may not go on, and keeps proxies from taking
/// silence for death.
void EventStreams::keep_alive() {
  const auto at = Clock::now();
  // Looking may throw, which erasing must not: it would leave behind streams without their feeds.
  for (Stream& stream : streams_) {
    stream.over = stream.feed->over();
    if (stream.over) continue;
    if (!may_go_on(stream)) {
      http::Feed::end(stream.feed);
      stream.over = true;
    } else if (at >= stream.next_beat) {
      stream.next_beat = at + kBeatEvery;
      http::Feed::write(stream.feed, ": \n\n");
    }
  }
  std::erase_if(streams_, [](const Stream& stream) { return stream.over; });
}

}  // namespace millrace::console
