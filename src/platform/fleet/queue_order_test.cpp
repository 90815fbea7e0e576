#include "platform/fleet/queue_order.h"

#include <gtest/gtest.h>

namespace millrace::fleet {
namespace {

const catalog::Resources kFree{.cpus = 2, .memory_bytes = 100};

TEST(QueueOrder, TheOldestThatFitsStartsFirst) {
  EXPECT_EQ(next_to_start({{1, {1, 10}}, {2, {1, 10}}}, kFree, {}), 0U);
  EXPECT_EQ(next_to_start({{1, {4, 10}}, {2, {1, 10}}}, kFree, {}), 1U);
  EXPECT_EQ(next_to_start({{1, {1, 200}}, {2, {1, 10}}}, kFree, {}), 1U) << "memory counts too";
  EXPECT_EQ(next_to_start({{1, {4, 10}}}, kFree, {}), std::nullopt);
  EXPECT_EQ(next_to_start({}, kFree, {}), std::nullopt);
}

TEST(QueueOrder, AJobThatHasBeenPassedOftenEnoughIsNotPassedAgain) {
  const std::vector<WaitingJob> waiting{{1, {4, 10}}, {2, {1, 10}}};
  EXPECT_EQ(next_to_start(waiting, kFree, {{1, kMaxPasses - 1}}), 1U);
  EXPECT_EQ(next_to_start(waiting, kFree, {{1, kMaxPasses}}), std::nullopt);
  EXPECT_EQ(next_to_start(waiting, {.cpus = 4, .memory_bytes = 100}, {{1, kMaxPasses}}), 0U);
}

}  // namespace
}  // namespace millrace::fleet
