#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/text.h"
#include "core/base/time.h"
#include "platform/console/event_topics.h"
#include "platform/jobs/ticket.h"
#include "platform/metrics/metrics.h"
#include "platform/records/log_events.h"
#include "platform/records/metrics.h"
#include "platform/records/temporary_database.h"

namespace millrace::console {
namespace {

constexpr const char* kAccount = "111122223333";
/// A client may send whatever it likes as its Last-Event-ID.
constexpr const char* kLeast = "-9223372036854775808";
constexpr const char* kMost = "9223372036854775807";

/// A job with one line of log and one point of a metric.
class EventCursorsTest : public ::testing::Test {
 protected:
  EventCursorsTest() {
    records_.database().write([](records::Connection& connection) {
      records::LogTable logs(connection);
      const auto group = logs.insert_group(kAccount, jobs::kTrainingLogGroup, now());
      const auto stream = logs.insert_stream(*group, "job/algo-1", now());
      logs.append(*stream, {{.position = {.at = 1}, .ingested_at = 1, .message = "line"}}, 1);
      records::MetricTable(connection)
          .append(metrics::training_metric(kAccount, "job", "loss"),
                  {records::MetricPoint::of(1, 0.5)}, now());
    });
  }

  std::vector<Json> news(const std::string& topic, Cursor& cursor) {
    return TopicLook(records_.database(), algorithms_)
        .news(Topic::parse(topic).value(), kAccount, cursor);
  }
  /// How much, when a client says that it has been told so far of what is at `place`.
  std::size_t told(const std::string& topic, const std::string& place, const std::string& number) {
    Cursor cursor = place + ":" + number;
    return news(topic, cursor).size();
  }

  records::TemporaryDatabase records_;
  const catalog::Algorithms algorithms_{std::vector<Json>{}};
};

TEST_F(EventCursorsTest, APlaceBeforeTheFirstLineIsTheFirst) {
  for (const char* place : {"0", kLeast}) {
    Cursor cursor = std::string("job/algo-1:") + place;
    const std::vector<Json> lines = news("log:job", cursor);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines.front()["from"], 0);
    EXPECT_EQ(lines.front()["count"], 1);
  }
  EXPECT_EQ(told("log:job", "job/algo-1", "1"), 0U);
  EXPECT_EQ(told("log:job", "job/algo-1", kMost), 0U);
}

TEST_F(EventCursorsTest, APlaceBeforeTheFirstPointIsTheFirst) {
  Cursor cursor;
  ASSERT_EQ(news("metrics:job", cursor).size(), 1U);
  const std::string series = cursor.substr(0, cursor.find(':'));
  EXPECT_EQ(told("metrics:job", series, "0"), 1U);
  EXPECT_EQ(told("metrics:job", series, kLeast), 1U);
  EXPECT_EQ(told("metrics:job", series, kMost), 0U);
}

TEST_F(EventCursorsTest, ATimeThatNoClockTellsIsBroughtIntoThePast) {
  const std::int64_t before = to_millis(now());
  for (const char* time : {kLeast, kMost}) {
    Cursor cursor = std::string(".:") + time;
    EXPECT_TRUE(news("jobs", cursor).empty());
    const std::int64_t since = parse_int(std::string_view(cursor).substr(2)).value();
    EXPECT_LE(since, to_millis(now())) << time;
    EXPECT_GE(since, time == kMost ? before : 0);
  }
}

}  // namespace
}  // namespace millrace::console
