#include "core/contract/metric_line.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(StepOfLine, FindsTheEpochOfTheUsualLogLines) {
  EXPECT_EQ(step_of_line("Epoch[12] Validation-accuracy=0.91"), 12);
  EXPECT_EQ(step_of_line("metric epoch=3 validation:accuracy=0.9131"), 3);
  EXPECT_EQ(step_of_line("#quality_metric: host=algo-1, epoch=0, train loss <loss>=0.7"), 0);
  EXPECT_EQ(step_of_line("[11/21/2026] Epoch 4, loss 0.5"), 4);
  EXPECT_EQ(step_of_line("epoch: 7"), 7);
}

TEST(StepOfLine, IgnoresOtherWordsAndBrokenNumbers) {
  EXPECT_EQ(step_of_line("epochs=30"), std::nullopt);
  EXPECT_EQ(step_of_line("num_epoch=30"), std::nullopt);
  EXPECT_EQ(step_of_line("Epoch[3"), std::nullopt);
  EXPECT_EQ(step_of_line("Epoch[]"), std::nullopt);
  EXPECT_EQ(step_of_line("Epoch=99999999999999999999"), std::nullopt);
  EXPECT_EQ(step_of_line("epoch"), std::nullopt);
  EXPECT_EQ(step_of_line(""), std::nullopt);
}

TEST(StepOfLine, TheFirstUsableOneCounts) {
  EXPECT_EQ(step_of_line("epoch= epoch=2 epoch=3"), 2);
}

}  // namespace
}  // namespace millrace
