#include "platform/runner/channels/channel_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::runner {
namespace {

using std::chrono::milliseconds;
using wire::control::ChannelMeasure;
using wire::control::ChannelUse;
using Clock = ChannelLog::Clock;

const Clock::time_point kStart{std::chrono::hours(1)};

ChannelUse only(const std::optional<wire::control::HostChannels>& told) {
  EXPECT_TRUE(told);
  if (!told || told->channels.size() != 1) return {};
  return told->channels[0];
}

TEST(Stopwatch, CountsTheTimesBetweenBeginAndEndAndTheOneThatLasts) {
  Stopwatch watch;
  EXPECT_EQ(watch.seconds(kStart), 0);
  watch.begin(kStart);
  EXPECT_EQ(watch.seconds(kStart + milliseconds(500)), 0.5);
  watch.end(kStart + milliseconds(750));
  watch.end(kStart + milliseconds(900));
  EXPECT_EQ(watch.seconds(kStart + milliseconds(2000)), 0.75);
  watch.add(milliseconds(250));
  watch.begin(kStart + milliseconds(2000));
  EXPECT_EQ(watch.seconds(kStart + milliseconds(2500)), 1.5);
  watch.cancel();
  EXPECT_EQ(watch.seconds(kStart + milliseconds(2500)), 1);
}

TEST(ChannelLog, SaysNothingWithoutChannels) {
  ChannelLog log;
  EXPECT_FALSE(log.changed(/*last=*/true));
}

TEST(ChannelLog, TellsWhatHasChangedAtMostOnceASecondAndAtLast) {
  ChannelLog log;
  ChannelMeter& meter = log.open("train");
  EXPECT_EQ(&log.open("train"), &meter);
  meter.measured = ChannelMeasure::Fed;
  meter.add(100);
  EXPECT_EQ(only(log.changed(false, kStart)).bytes, 100);
  meter.add(50);
  EXPECT_FALSE(log.changed(false, kStart + milliseconds(999)));
  const ChannelUse second = only(log.changed(false, kStart + milliseconds(2000)));
  EXPECT_EQ(second.bytes, 150);
  EXPECT_EQ(second.bytes_per_second, 25);
  meter.add(10);
  EXPECT_EQ(only(log.changed(true, kStart + milliseconds(2100))).bytes, 160);
  EXPECT_EQ(only(log.changed(false, kStart + milliseconds(4000))).bytes_per_second, 0)
      << "nothing came since, which is news";
  EXPECT_FALSE(log.changed(false, kStart + milliseconds(6000)));
}

TEST(ChannelLog, WhatIsNotMeasuredIsAbsent) {
  ChannelLog log;
  ChannelMeter& meter = log.open("train");
  const ChannelUse unseen = only(log.changed(true, kStart));
  EXPECT_EQ(unseen.channel_name, "train");
  EXPECT_EQ(unseen, ChannelUse{.channel_name = "train"});

  meter.measured = ChannelMeasure::Staged;
  const ChannelUse staged = only(log.changed(true, kStart));
  EXPECT_EQ(staged.bytes, 0);
  EXPECT_FALSE(staged.reader_waited_seconds);
  EXPECT_FALSE(staged.writer_waited_seconds);
  EXPECT_FALSE(staged.records);

  meter.measured = ChannelMeasure::Read;
  const ChannelUse read = only(log.changed(true, kStart));
  EXPECT_EQ(read.reader_waited_seconds, 0);
  EXPECT_FALSE(read.writer_waited_seconds);

  meter.measured = ChannelMeasure::Fed;
  meter.sees_records = true;
  const ChannelUse fed = only(log.changed(true, kStart));
  EXPECT_EQ(fed.writer_waited_seconds, 0);
  EXPECT_EQ(fed.records, 0);
}

TEST(ChannelLog, WhatTheProgramSaysOfItsRecordsAndWaitsWins) {
  ChannelLog log;
  ChannelMeter& meter = log.open("train");
  meter.measured = ChannelMeasure::Fed;
  meter.sees_records = true;
  meter.records = 2000;
  std::string report;
  log.follow([&] { return report; });
  EXPECT_EQ(only(log.changed(true, kStart)).records, 2000);
  report = R"({"train":{"records":1000,"passes":2,"records_per_pass":500,"seconds":8,
                        "seconds_waited":2},
               "other":{"records":7}})";
  const ChannelUse use = only(log.changed(true, kStart));
  EXPECT_EQ(use.records, 1000);
  EXPECT_EQ(use.passes, 2);
  EXPECT_EQ(use.records_per_pass, 500);
  EXPECT_EQ(use.reader_waited_seconds, 2);
  EXPECT_EQ(use.reader_seconds, 8);
  report = R"({"train":{"records":1500}})";
  EXPECT_FALSE(log.unfollow());
  report = R"({"train":{"records":9999}})";
  EXPECT_EQ(only(log.changed(true, kStart)).records, 1500);
}

TEST(ChannelLog, AReportThatIsNoneLeavesTheLastAndIsTold) {
  ChannelLog log;
  log.open("train");
  std::string report = R"({"train":{"records":5}})";
  log.follow([&] { return report; });
  EXPECT_EQ(only(log.changed(true, kStart)).records, 5);
  report = R"({"train":{"records":-5}})";
  EXPECT_FALSE(log.changed(true, kStart));
  const auto problem = log.unfollow();
  ASSERT_TRUE(problem);
  EXPECT_THAT(*problem, testing::HasSubstr("channels.json, channel 'train', member 'records'"));
}

}  // namespace
}  // namespace millrace::runner
