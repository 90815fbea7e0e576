#include "trainer/learn/step_schedule.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(StepSchedule, FallsOnceTheCountExceedsAStep) {
  const StepSchedule schedule(1.0, 0.5, {10, 20});
  EXPECT_EQ(schedule.rate(1), 1.0);
  EXPECT_EQ(schedule.rate(10), 1.0);
  EXPECT_EQ(schedule.rate(11), 0.5);
  EXPECT_EQ(schedule.rate(20), 0.5);
  EXPECT_EQ(schedule.rate(21), 0.25);
  EXPECT_EQ(StepSchedule(0.1, 0.5, {}).rate(1000), 0.1);
}

}  // namespace
}  // namespace millrace
