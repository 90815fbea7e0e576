#include "platform/runner/serving/server_reporter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "platform/runner/fake_daemon_for_test.h"

namespace millrace::runner {
namespace {

using std::chrono::milliseconds;

TEST(ServerReporter, TheEndIsToldAfterEveryLineThoughItComesWhileAHeartbeatIsDue) {
  FakeStore store;
  std::atomic<bool> told = false;
  store.on_server_report = [&](const auto&) {
    told = true;
    return false;
  };
  const wire::control::ServerTicket ticket{
      .workload = "endpoint.e.all.1", .host = "algo-1", .log_group = "g", .log_stream = "s"};
  ServerReporter reporter(store.connector()(), ticket, Patience{}, report_of_endpoint(ticket));
  std::jthread ending;
  int batches = 0;
  store.on_logs = [&] {
    ++batches;
    if (batches == 1) {
      // The next batch falls due together with the heartbeat of the second that has passed.
      std::this_thread::sleep_for(milliseconds(1100));
      for (int i = 0; i < 6; ++i) reporter.log(from_millis(2), std::string(200'000, 'x'));
    }
    if (batches == 2) {
      reporter.log(from_millis(3), "last");
      ending = std::jthread([&] { reporter.finish({.phase = "Ended"}); });
      std::this_thread::sleep_for(milliseconds(50));
    }
  };
  while (!told) std::this_thread::sleep_for(milliseconds(1));
  std::this_thread::sleep_for(milliseconds(20));  // until that report is over
  reporter.log(from_millis(1), "first");
  while (!ending.joinable() && !reporter.stop_requested().stop_requested())
    std::this_thread::sleep_for(milliseconds(10));
  ending.join();
  EXPECT_EQ(store.server_reports.back().phase, "Ended");
  EXPECT_EQ(store.events.back().message, "last");
}

TEST(ServerReporter, AReportWhoseAnswerIsLostIsSentAgainWithTheSameFigures) {
  FakeStore store;
  const wire::control::ServerTicket ticket{
      .workload = "endpoint.e.all.1", .host = "algo-1", .log_group = "g", .log_stream = "s"};
  std::optional<ServerReporter> reporter;
  int lost = 0;
  std::atomic<bool> all_told = false;
  store.on_server_report = [&](const wire::control::ReportServerRequest& request) {
    if (!request.metrics) return false;
    if (lost++ == 0) {
      reporter->metric({.metric_name = "after", .value = 2});
      throw Error(Blame::Platform, "the connection broke");
    }
    if (request.metrics->front().metric_name == "after") all_told = true;
    return false;
  };
  reporter.emplace(store.connector()(), ticket, Patience{}, report_of_endpoint(ticket));
  reporter->metric({.metric_name = "before", .value = 1});
  while (!all_told) std::this_thread::sleep_for(milliseconds(5));
  reporter->finish({.phase = "Ended"});
  std::vector<wire::control::ReportServerRequest> told;
  for (const auto& report : store.server_reports) {
    if (report.metrics) told.push_back(report);
  }
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].metrics, told[1].metrics);
  EXPECT_EQ(told[0].metrics_id, told[1].metrics_id);
  EXPECT_EQ(told[2].metrics->size(), 1U);
  EXPECT_NE(told[2].metrics_id, told[1].metrics_id);
}

}  // namespace
}  // namespace millrace::runner
