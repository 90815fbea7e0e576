#include "trainer/algorithms/linear_learner/model_grid.h"

#include <gtest/gtest.h>

#include <set>

namespace millrace::linear_learner {
namespace {

Hyperparameters settings(std::map<std::string, std::string> values) {
  values["predictor_type"] = "binary_classifier";
  return Hyperparameters::schema().parse(values);
}

TEST(ModelGrid, HasThePublishedPatternOfThirtyTwoModels) {
  const auto grid = model_grid(settings({}), 1);
  ASSERT_EQ(grid.size(), 32U);
  std::set<double> rates, decays;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    rates.insert(grid[i].learning_rate);
    decays.insert(grid[i].wd);
    EXPECT_EQ(grid[i].learning_rate, grid[i / 4 % 2 * 4].learning_rate) << i;
    EXPECT_EQ(grid[i].wd, grid[i / 8 * 8].wd) << i;
  }
  EXPECT_EQ(rates.size(), 2U);
  EXPECT_EQ(decays.size(), 4U);
  EXPECT_LT(grid[0].learning_rate, grid[4].learning_rate);
  EXPECT_LT(grid[0].wd, grid[8].wd);
}

TEST(ModelGrid, AGivenValueIsTheSameForAllModels) {
  for (const ModelSettings& model :
       model_grid(settings({{"learning_rate", "0.3"}, {"l1", "2"}}), 1)) {
    EXPECT_EQ(model.learning_rate, 0.3);
    EXPECT_EQ(model.l1, 2);
  }
}

TEST(ModelGrid, OneModelIsTheOneThatTheContainerFoundBest) {
  const auto grid = model_grid(settings({{"num_models", "1"}}), 1);
  ASSERT_EQ(grid.size(), 1U);
  EXPECT_EQ(grid[0].learning_rate, 0.1);
  EXPECT_EQ(grid[0].wd, 1e-4);
  EXPECT_EQ(grid[0].lr_scheduler_step, 100);
}

TEST(ModelGrid, BalancedWeightsPositivesByTheirRarity) {
  EXPECT_EQ(
      model_grid(settings({{"positive_example_weight_mult", "balanced"}}), 9)[5].positive_weight,
      9);
  const auto both = model_grid(settings({{"positive_example_weight_mult", "auto"}}), 9);
  EXPECT_EQ(both[0].positive_weight, 1);
  EXPECT_EQ(both[1].positive_weight, 9);
}

TEST(ModelSettings, TheRateFallsByStepsToItsMinimum) {
  const ModelSettings model{.learning_rate = 0.1,
                            .lr_scheduler_step = 10,
                            .lr_scheduler_factor = 0.5,
                            .lr_scheduler_minimum_lr = 0.02};
  EXPECT_EQ(model.rate(9), 0.1);
  EXPECT_EQ(model.rate(10), 0.05);
  EXPECT_EQ(model.rate(1000), 0.02);
  EXPECT_EQ(ModelSettings{.learning_rate = 0.1}.rate(1000), 0.1);
}

}  // namespace
}  // namespace millrace::linear_learner
