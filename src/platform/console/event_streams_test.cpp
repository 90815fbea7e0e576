#include "platform/console/event_streams.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/http/feed_lane.h"
#include "platform/console/call_for_test.h"
#include "platform/records/temporary_database.h"

namespace millrace::console {
namespace {

/// Streams whose sessions live, end or cannot be looked up, as the test has it.
class EventStreamsTest : public ::testing::Test {
 protected:
  enum class Session : std::uint8_t { Lives, Ended, Unknown };

  std::shared_ptr<http::Feed> open(const std::string& session) {
    CallForTest asked("topics=endpoints", {}, session);
    auto feed = std::make_shared<http::Feed>(signal_);
    streams_.open(asked.call).feed(feed);
    wait_for_looks_at(session, 1);
    return feed;
  }
  void set(const std::string& session, Session state) {
    looks_.with([&](auto& looks) { looks[session] = {.state = state, .count = 0}; });
  }
  void wait_for_looks_at(const std::string& session, int count) {
    while (looks_.with([&](auto& looks) { return looks[session].count; }) < count)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  struct Looks {
    Session state = Session::Lives;
    int count = 0;  ///< since the state was set
  };
  Guarded<std::map<std::string, Looks>> looks_;
  records::TemporaryDatabase records_;
  const catalog::Algorithms algorithms_{std::vector<Json>{}};
  std::shared_ptr<http::FeedSignal> signal_ = std::make_shared<http::FeedSignal>();
  EventStreams streams_{records_.database(), algorithms_, [](Call&, const auto&, const auto&) {},
                        [](const auto&, const auto&, const auto&) { return true; },
                        [this](const std::string& session, const std::string&) {
                          const Session state = looks_.with([&](auto& looks) {
                            ++looks[session].count;
                            return looks[session].state;
                          });
                          if (state == Session::Unknown)
                            throw Error(Blame::Platform, "the database is busy");
                          return state == Session::Lives;
                        }};
};

TEST_F(EventStreamsTest, ALookThatFailsLeavesTheOtherStreamsWhole) {
  const auto first = open("first");
  const auto second = open("second");
  const auto third = open("third");
  set("third", Session::Unknown);
  http::Feed::end(first);
  wait_for_looks_at("third", 2);
  EXPECT_FALSE(second->over());
  set("third", Session::Lives);
  set("second", Session::Ended);
  wait_for_looks_at("second", 1);
  wait_for_looks_at("third", 2);
  EXPECT_TRUE(second->over());
  EXPECT_FALSE(third->over());
}

}  // namespace
}  // namespace millrace::console
