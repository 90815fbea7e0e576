#include "trainer/algorithms/linear_learner/selection.h"

#include <gtest/gtest.h>

#include <cmath>

namespace millrace::linear_learner {
namespace {

TEST(EarlyStopping, EndsAfterPatienceEpochsWithoutARelativeGain) {
  EarlyStopping early({}, 2, 0.01);
  EXPECT_TRUE(early.after_epoch(100).is_best);
  EXPECT_FALSE(early.after_epoch(90).stop);
  // Better, though not by 1 %: the best so far, and no improvement.
  const auto slightly = early.after_epoch(89.5);
  EXPECT_TRUE(slightly.is_best);
  EXPECT_FALSE(slightly.stop);
  EXPECT_TRUE(early.after_epoch(89.4).stop);
}

TEST(EarlyStopping, ReversesItsSignWhereMoreIsBetter) {
  EarlyStopping early({.larger_is_better = true}, 1, 0.001);
  EXPECT_FALSE(early.after_epoch(0.5).stop);
  EXPECT_FALSE(early.after_epoch(0.6).stop);
  EXPECT_TRUE(early.after_epoch(0.59).stop);
}

TEST(Goal, AModelThatDivergedIsNeverTheBest) {
  const std::vector<double> values{std::nan(""), 3, std::nan(""), 2};
  EXPECT_EQ(Goal{}.best(values), 3U);
  EXPECT_EQ(Goal{.larger_is_better = true}.best(values), 1U);
}

}  // namespace
}  // namespace millrace::linear_learner
