#include "platform/jobs/channel_use.h"

#include <gtest/gtest.h>

#include "platform/records/temporary_database.h"

namespace millrace::jobs {
namespace {

using wire::control::ChannelUse;
using wire::control::HostChannels;

const Time kNow = from_millis(100'000);

HostChannels run(const std::string& id, std::int64_t seconds_ago, ChannelUse use) {
  use.channel_name = "train";
  return {.run = id, .time = kNow - std::chrono::seconds(seconds_ago), .channels = {use}};
}

TEST(JoinChannels, HostsAddUpAndSharesAreOfTheirTimeTogether) {
  const auto joined = join_channels({{"algo-1", run("a", 1,
                                                    {.measured = "Fed",
                                                     .bytes = 1000,
                                                     .objects = 2,
                                                     .seconds = 10,
                                                     .bytes_per_second = 70,
                                                     .writer_waited_seconds = 6,
                                                     .reader_waited_seconds = 1,
                                                     .reader_seconds = 10,
                                                     .records = 40,
                                                     .passes = 2,
                                                     .records_per_pass = 20})},
                                     {"algo-2", run("b", 0,
                                                    {.measured = "Fed",
                                                     .bytes = 600,
                                                     .objects = 1,
                                                     .seconds = 30,
                                                     .bytes_per_second = 5,
                                                     .writer_waited_seconds = 0,
                                                     .reader_waited_seconds = 19,
                                                     .reader_seconds = 30,
                                                     .records = 30,
                                                     .passes = 1,
                                                     .records_per_pass = 30})}},
                                    kNow);
  ASSERT_EQ(joined.size(), 1U);
  const ChannelDelivery& train = joined.at("train");
  EXPECT_EQ(train.hosts, 2);
  EXPECT_EQ(train.at, kNow);
  EXPECT_EQ(train.measured, "Fed");
  EXPECT_EQ(train.bytes, 1600);
  EXPECT_EQ(train.objects, 3);
  EXPECT_EQ(train.seconds, 30);
  EXPECT_EQ(train.bytes_per_second, 120);  // 100 + 20
  EXPECT_EQ(train.bytes_per_second_now, 75);
  EXPECT_EQ(train.records, 70);
  EXPECT_EQ(train.passes, 2);
  EXPECT_EQ(train.records_per_pass, 50);
  EXPECT_EQ(train.records_per_second, 5);  // 4 + 1
  EXPECT_EQ(train.reader_waited, 0.5);     // 20 of 40
  EXPECT_EQ(train.writer_waited, 0.15);    // 6 of 40
}

TEST(JoinChannels, AttemptsOfAHostAddUpAndWhatIsDeliveredNowIsOfTheLast) {
  const auto joined = join_channels(
      {{"algo-1",
        run("second", 2,
            {.bytes = 5, .seconds = 1, .bytes_per_second = 5, .passes = 1, .records_per_pass = 9})},
       {"algo-1", run("first", 60,
                      {.bytes = 7,
                       .seconds = 3,
                       .bytes_per_second = 80,
                       .passes = 2,
                       .records_per_pass = 8})}},
      kNow);
  const ChannelDelivery& train = joined.at("train");
  EXPECT_EQ(train.hosts, 1);
  EXPECT_EQ(train.bytes, 12);
  EXPECT_EQ(train.bytes_per_second, 3);
  EXPECT_EQ(train.bytes_per_second_now, 5);
  EXPECT_EQ(train.passes, 3);
  EXPECT_EQ(train.records_per_pass, 9);
}

TEST(JoinChannels, WhatNobodyMeasuredIsAbsent) {
  const ChannelDelivery train =
      join_channels({{"algo-1", run("a", 60, {.bytes = 5, .bytes_per_second = 80})}}, kNow)
          .at("train");
  EXPECT_EQ(train.bytes, 5);
  EXPECT_FALSE(train.measured);
  EXPECT_FALSE(train.objects);
  EXPECT_FALSE(train.bytes_per_second);
  EXPECT_FALSE(train.bytes_per_second_now) << "it is a minute old";
  EXPECT_FALSE(train.records);
  EXPECT_FALSE(train.records_per_second);
  EXPECT_FALSE(train.reader_waited);
  EXPECT_FALSE(train.writer_waited);
}

TEST(RecordedChannels, ARunReplacesWhatItHasSaidAndOtherJobsAreLeftOut) {
  records::TemporaryDatabase database;
  const auto keep = [&](const std::string& job, const HostChannels& channels) {
    database.database().write([&](records::Connection& transaction) {
      record_channels(transaction, "1", job, "algo-1", channels);
    });
  };
  keep("Job", run("a", 9, {.bytes = 1}));
  keep("job", run("a", 8, {.bytes = 2}));
  keep("other", run("b", 7, {.bytes = 3}));
  const auto runs = database.database().read(
      [&](records::Connection& connection) { return recorded_channels(connection, "1", "job"); });
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].first, "algo-1");
  EXPECT_EQ(runs[0].second, run("a", 8, {.bytes = 2}));
}

}  // namespace
}  // namespace millrace::jobs
