#include "platform/runner/reporter.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include "platform/runner/fake_daemon_for_test.h"
#include "platform/runner/output_pump.h"

namespace millrace::runner {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using wire::control::JobPhase;
using wire::control::JobResult;

ResidencyLog residency;
ChannelLog channels;

const wire::control::JobTicket kTicket{
    .job_name = "job", .host = "algo-1", .log_group = "g", .log_stream = "s"};
const Patience kShort{.limit = std::chrono::milliseconds(300),
                      .first_wait = std::chrono::milliseconds(10)};

std::vector<std::string> messages(const FakeStore& store) {
  std::vector<std::string> texts;
  for (const auto& event : store.events) texts.push_back(event.message);
  return texts;
}

std::vector<std::string> phases(const FakeStore& store) {
  std::vector<std::string> names;
  for (const auto& report : store.reports) {
    if (report.phase) names.push_back(*report.phase);
  }
  return names;
}

TEST(Reporter, PhasesArriveInOrderAndTheOutcomeLastAfterEveryLine) {
  FakeStore store;
  Reporter reporter(store.connector()(), kTicket, kShort, residency, channels);
  reporter.enter(JobPhase::Downloading);
  reporter.enter(JobPhase::Training, from_millis(1000));
  for (int i = 0; i < 100; ++i) reporter.log(from_millis(i), std::to_string(i));
  reporter.metric({.metric_name = "loss", .value = 0.5, .timestamp = from_millis(5), .step = 3});
  reporter.enter(JobPhase::Uploading);
  reporter.finish({.result = JobResult::Completed, .exit_code = 0});
  EXPECT_THAT(phases(store), ElementsAre("Downloading", "Training", "Uploading"));
  EXPECT_EQ(store.reports.at(1).program_started, from_millis(1000));
  ASSERT_TRUE(store.reports.back().outcome);
  EXPECT_EQ(store.reports.back().outcome->result, "Completed");
  ASSERT_EQ(store.events.size(), 100U);
  EXPECT_EQ(store.events.back().message, "99");
  int metrics = 0;
  for (const auto& report : store.reports) {
    EXPECT_EQ(report.supervisor_pid, ::getpid());
    metrics += report.metrics ? static_cast<int>(report.metrics->size()) : 0;
  }
  EXPECT_EQ(metrics, 1);
}

TEST(Reporter, WhatChannelsHaveDeliveredGoesWithTheLastReportAtTheLatest) {
  FakeStore store;
  ChannelLog of_job;
  Reporter reporter(store.connector()(), kTicket, kShort, residency, of_job);
  reporter.enter(JobPhase::Training);
  ChannelMeter& meter = of_job.open("train");
  meter.measured = wire::control::ChannelMeasure::Staged;
  meter.add(7);
  reporter.finish({.result = JobResult::Completed});
  ASSERT_TRUE(store.reports.back().outcome);
  ASSERT_TRUE(store.reports.back().channels);
  EXPECT_EQ(store.reports.back().channels->channels.at(0).bytes, 7);
}

TEST(Reporter, AnEmptyLineStaysALine) {
  FakeStore store;
  Reporter reporter(store.connector()(), kTicket, kShort, residency, channels);
  reporter.log(from_millis(1), "");
  reporter.finish({.result = JobResult::Completed});
  EXPECT_THAT(messages(store), ElementsAre(" "));
}

TEST(Reporter, EventsNeverGoBackInTime) {
  FakeStore store;
  store.fail_next = 1;
  Reporter reporter(store.connector()(), kTicket, kShort, residency, channels);
  for (const int at : {5, 3, 9}) reporter.log(from_millis(at), "x");
  reporter.finish({.result = JobResult::Completed});
  std::int64_t last = 0;
  for (const auto& event : store.events) {
    EXPECT_GE(event.timestamp, last);
    last = event.timestamp;
  }
}

TEST(Reporter, BatchesStayWithinWhatPutLogEventsTakes) {
  FakeStore store;
  Reporter reporter(store.connector()(), kTicket, kShort, residency, channels);
  for (int i = 0; i < 25000; ++i) reporter.log(from_millis(i), "x");
  for (int i = 0; i < 20; ++i) reporter.log(from_millis(30000), std::string(200000, 'y'));
  reporter.finish({.result = JobResult::Completed});
  EXPECT_EQ(store.events.size(), 25020U);
  std::size_t at = 0;
  for (const std::size_t size : store.batch_sizes) {
    EXPECT_LE(size, 10000U);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < size; ++i) bytes += store.events[at++].message.size() + 26;
    EXPECT_LE(bytes, 1048576U);
  }
}

TEST(Reporter, AStopIsHeardWithTheNextReport) {
  FakeStore store;
  store.on_report = [](const auto&) { return true; };
  Reporter reporter(store.connector()(), kTicket, kShort, residency, channels);
  reporter.enter(JobPhase::Downloading);
  while (!reporter.stop_requested().stop_requested())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  reporter.check_connection();
  reporter.finish({.result = JobResult::Stopped});
}

TEST(Reporter, AnOutageIsSatOutAndNothingIsLost) {
  FakeStore store;
  store.fail_next = 6;
  Reporter reporter(store.connector()(), kTicket,
                    Patience{.first_wait = std::chrono::milliseconds(5)}, residency, channels);
  reporter.enter(JobPhase::Training);
  reporter.log(from_millis(1), "line");
  reporter.finish({.result = JobResult::Completed});
  EXPECT_THAT(messages(store), ElementsAre("line"));
  EXPECT_THAT(phases(store), ElementsAre("Training"));
}

TEST(Reporter, ADaemonThatStaysAwayIsLostAfterTheNamedTime) {
  FakeStore store;
  store.fail_next = 1 << 30;
  Reporter reporter(store.connector()(), kTicket, kShort, residency, channels);
  reporter.enter(JobPhase::Training);
  while (!reporter.stop_requested().stop_requested())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_THROW(reporter.check_connection(), Error);
  reporter.log(from_millis(1), "nobody waits for ever");
  EXPECT_THROW(reporter.finish({.result = JobResult::Completed}), Error);
}

TEST(Reporter, RefusedLogLinesDoNotEndTheJob) {
  FakeStore store;
  store.refuse_logs = true;
  Reporter reporter(store.connector()(), kTicket, kShort, residency, channels);
  reporter.log(from_millis(1), "line");
  reporter.finish({.result = JobResult::Completed});
  ASSERT_TRUE(store.reports.back().outcome);
}

TEST(OutputPump, LinesReachTheLogAndMetricsTheReports) {
  FakeStore store;
  Reporter reporter(store.connector()(), kTicket, kShort, residency, channels);
  const MetricPatterns patterns(std::vector<MetricDefinition>{{"loss", "loss=([0-9.]+)"}});
  int ends[2] = {};
  ASSERT_EQ(::pipe(ends), 0);
  OutputPump pump(Fd{ends[0]}, lines_of_job(patterns, reporter));
  {
    const Fd out{ends[1]};
    write_all(out.get(), "Epoch[2] loss=0.25\nlast without end");
  }
  pump.finish();
  reporter.finish({.result = JobResult::Completed});
  EXPECT_THAT(messages(store), ElementsAre("Epoch[2] loss=0.25", "last without end"));
  std::vector<wire::control::MetricPoint> points;
  for (const auto& report : store.reports) {
    if (report.metrics) points.insert(points.end(), report.metrics->begin(), report.metrics->end());
  }
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].metric_name, "loss");
  EXPECT_EQ(points[0].value, 0.25);
  EXPECT_EQ(points[0].step, 2);
  EXPECT_EQ(to_millis(points[0].timestamp), store.events[0].timestamp);
}

TEST(OutputPump, WhileTheDaemonTakesNothingTheProgramHasToWait) {
  FakeStore store;
  store.fail_next = 1 << 30;
  Reporter reporter(store.connector()(), kTicket,
                    Patience{.longest_wait = std::chrono::milliseconds(50)}, residency, channels);
  const MetricPatterns patterns(std::vector<MetricDefinition>{});
  int ends[2] = {};
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK), 0);
  ::fcntl(ends[0], F_SETFL, 0);
  OutputPump pump(Fd{ends[0]}, lines_of_job(patterns, reporter));
  const std::string line = std::string(1023, 'z') + "\n";
  std::size_t accepted = 0;
  {
    const Fd out{ends[1]};
    pollfd room{.fd = out.get(), .events = POLLOUT, .revents = 0};
    // Of the 64 MiB only what the queue, one batch and the pipe hold is taken.
    while (accepted < (64 << 20) && ::poll(&room, 1, 500) > 0) {
      const ssize_t wrote = ::write(out.get(), line.data(), line.size());
      if (wrote > 0) accepted += static_cast<std::size_t>(wrote);
    }
    EXPECT_LT(accepted, 8U << 20);
    store.recover();
  }
  pump.finish();
  reporter.finish({.result = JobResult::Completed});
  EXPECT_EQ(store.events.size(), accepted / line.size());
}

}  // namespace
}  // namespace millrace::runner
