#include "platform/runner/watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>

#include "core/base/random.h"
#include "core/io/file.h"
#include "platform/runner/fake_daemon_for_test.h"

namespace millrace::runner {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

/// A program that does not listen to SIGTERM.
class WatchTest : public testing::Test {
 protected:
  WatchTest() {
    const SandboxOrder order{
        .command = {"/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"},
        .environment = {{"PATH", "/usr/bin:/bin"}},
        .host = "algo-1",
        .hosts = {"algo-1"},
        .writable = workspace_.writable(),
        .group_name = "millrace-" + std::to_string(::getpid()) + "-" + random_hex(6)};
    program_ = start_unconfined(order);
    output_ = program_->take_output();
    FdSource lines(Fd(::dup(output_.get())));
    char ready[6];
    EXPECT_EQ(read_full(lines, ready), sizeof ready);
  }

  Ended watch_it(const WatchLimits& limits) {
    return watch(*program_, workspace_, limits,
                 {.stop = stop_.get_token(),
                  .feed_failed = feed_failed_.get_token(),
                  .stop_grace = [&] { return stop_grace_; },
                  .on_kill = [&] { ++kills_; }});
  }

  FakeStore store_;
  Workspace workspace_{store_.directory(), "job"};
  std::unique_ptr<Program> program_;
  Fd output_;
  std::stop_source stop_;
  std::stop_source feed_failed_;
  std::optional<std::chrono::seconds> stop_grace_;
  int kills_ = 0;
};

TEST_F(WatchTest, AProgramWithoutDataIsNotGivenTheTimeToSaveItself) {
  feed_failed_.request_stop();
  const Ended ended = watch_it(
      {.max_runtime = hours(1), .grace = hours(1), .grace_without_data = milliseconds(50)});
  EXPECT_EQ(ended.why, Ending::FeedFailed);
  EXPECT_EQ(ended.exit.code, 128 + SIGKILL);
  EXPECT_EQ(kills_, 1) << "reads of a file system of ours have been ended";
}

TEST_F(WatchTest, AStoppedProgramIsKilledAfterTheGraceOfTheJob) {
  stop_.request_stop();
  const Ended ended = watch_it({.max_runtime = hours(1),
                                .grace = std::chrono::seconds(1),
                                .grace_without_data = milliseconds(0)});
  EXPECT_EQ(ended.why, Ending::StopRequested);
  EXPECT_EQ(ended.exit.code, 128 + SIGKILL);
}

TEST_F(WatchTest, AStopMayComeWithAGraceOfItsOwn) {
  stop_grace_ = std::chrono::seconds(0);
  stop_.request_stop();
  EXPECT_EQ(watch_it({.max_runtime = hours(1), .grace = hours(1)}).exit.code, 128 + SIGKILL);
}

TEST_F(WatchTest, AShorterGraceOfTheJobHoldsInEveryCase) {
  feed_failed_.request_stop();
  const Ended ended = watch_it(
      {.max_runtime = hours(1), .grace = std::chrono::seconds(0), .grace_without_data = hours(1)});
  EXPECT_EQ(ended.why, Ending::FeedFailed);
}

}  // namespace
}  // namespace millrace::runner
