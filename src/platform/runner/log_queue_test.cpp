#include "platform/runner/log_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace millrace::runner {
namespace {

using testing::ElementsAre;

class LogQueueTest : public testing::Test {
 protected:
  void push(std::int64_t millis) { queue_.push(from_millis(millis), "x"); }
  std::vector<std::int64_t> taken() {
    std::vector<std::int64_t> times;
    for (const auto& event : queue_.take_batch().log_events) times.push_back(event.timestamp);
    return times;
  }

  LogQueue queue_{"group", "stream"};
};

TEST_F(LogQueueTest, TimesNeverGoBackNotEvenInTheNextBatch) {
  push(5000);
  push(3000);
  EXPECT_THAT(taken(), ElementsAre(5000, 5000));
  push(4000);
  push(9000);
  EXPECT_THAT(taken(), ElementsAre(5000, 9000));
}

TEST_F(LogQueueTest, AClockThatWasFarAheadIsForgottenWithTheNextBatch) {
  push(10'000'000);
  push(5000);
  EXPECT_THAT(taken(), ElementsAre(10'000'000, 10'000'000)) << "a batch is in order";
  push(6000);
  push(7000);
  EXPECT_THAT(taken(), ElementsAre(6000, 7000));
}

}  // namespace
}  // namespace millrace::runner
