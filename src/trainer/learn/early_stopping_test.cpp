#include "trainer/learn/early_stopping.h"

#include <gtest/gtest.h>

#include <vector>

namespace millrace {
namespace {

/// The epoch, from 1, after which training stops; 0 if it does not.
std::int64_t stops_after(EarlyStoppingOptions options, const std::vector<double>& values) {
  EarlyStopping early(options);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (early.after_epoch(static_cast<std::int64_t>(i) + 1, values[i]))
      return static_cast<std::int64_t>(i) + 1;
  }
  return 0;
}

TEST(EarlyStopping, StopsAfterPatienceEpochsInARowWithoutImprovement) {
  EXPECT_EQ(stops_after({.min_epochs = 1, .patience = 2}, {0.5, 0.4, 0.5}), 3);
  EXPECT_EQ(stops_after({.min_epochs = 1, .patience = 2}, {0.5, 0.4, 0.6, 0.6}), 0);
}

TEST(EarlyStopping, DoesNotCountEpochsBeforeTheMinimum) {
  EXPECT_EQ(stops_after({.min_epochs = 4, .patience = 1}, {0.5, 0.4, 0.3, 0.2}), 4);
}

TEST(EarlyStopping, AGainOfExactlyTheToleranceIsNone) {
  EXPECT_EQ(stops_after({.min_epochs = 1, .patience = 1, .tolerance = 0.5}, {0.5, 0.75}), 2);
  EXPECT_EQ(stops_after({.min_epochs = 1, .patience = 1, .tolerance = 0.5}, {0.5, 0.76}), 0);
}

}  // namespace
}  // namespace millrace
