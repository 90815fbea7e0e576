#include "trainer/algorithms/random_cut_forest/reservoir.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace millrace::random_cut_forest {
namespace {

std::vector<float> numbers(int count) {
  std::vector<float> values;
  for (int i = 0; i < count; ++i) values.push_back(static_cast<float>(i));
  return values;
}

TEST(Reservoir, HoldsAllRowsInTheirOrderWhileThereIsRoom) {
  Reservoir reservoir(10, 1, 0);
  reservoir.add(numbers(6), 2);
  reservoir.add(numbers(4), 2);
  ASSERT_EQ(reservoir.rows(), 5);
  EXPECT_EQ(reservoir.features(), 2);
  for (const auto& [row, value] : {std::pair{0, 0.0F}, {1, 2.0F}, {2, 4.0F}, {3, 0.0F}, {4, 2.0F}})
    EXPECT_EQ(reservoir.row(row)[0], value);
}

TEST(Reservoir, HoldsEachRowOnceAtMost) {
  Reservoir reservoir(50, 3, 0);
  reservoir.add(numbers(1000), 1);
  EXPECT_EQ(reservoir.rows(), 50);
  EXPECT_EQ(reservoir.seen(), 1000);
  std::set<float> held;
  for (int i = 0; i < 50; ++i) held.insert(reservoir.row(i)[0]);
  EXPECT_EQ(held.size(), 50U);
}

TEST(Reservoir, KnowsBeforehandHowManyNumbersItWillHold) {
  Reservoir reservoir(10, 1, 0);
  EXPECT_EQ(reservoir.values_with(4, 3), 12);
  reservoir.add(numbers(12), 3);
  EXPECT_EQ(reservoir.values_with(4, 3), 24);
  EXPECT_EQ(reservoir.values_with(1000, 3), 30);
}

TEST(Reservoir, EveryRowIsAsLikelyToBeHeldWhereverItStands) {
  constexpr int kRows = 40, kHeld = 8, kTimes = 20'000;
  std::vector<int> held(kRows);
  std::vector<int> together(kRows);
  for (std::uint64_t seed = 0; seed < kTimes; ++seed) {
    Reservoir reservoir(kHeld, seed, 0);
    reservoir.add(numbers(kRows), 1);
    std::set<int> chosen;
    for (int i = 0; i < kHeld; ++i) chosen.insert(static_cast<int>(reservoir.row(i)[0]));
    for (const int row : chosen) {
      ++held[static_cast<std::size_t>(row)];
      if (chosen.contains(0)) ++together[static_cast<std::size_t>(row)];
    }
  }
  // Chi square of 39 degrees of freedom: 72.05 is exceeded once in 1,000. Rows are drawn without
  // replacement, so that variances are (1 - share) times those of independent counts.
  const double share = 1.0 * kHeld / kRows, expected = kTimes * share;
  double chi = 0;
  for (const int times : held) chi += std::pow(times - expected, 2) / expected / (1 - share);
  EXPECT_LT(chi, 72.05);
  // Pairs too: k (k - 1) / (n (n - 1)) of the time.
  const double pairs = kTimes * share * (kHeld - 1) / (kRows - 1);
  for (std::size_t row = 1; row < kRows; ++row)
    EXPECT_NEAR(together[row], pairs, 5 * std::sqrt(pairs));
}

TEST(Reservoir, TheSampleDoesNotDependOnTheBatches) {
  Reservoir whole(20, 5, 1), pieces(20, 5, 1), other(20, 6, 1);
  const std::vector<float> values = numbers(500);
  whole.add(values, 1);
  other.add(values, 1);
  for (std::size_t at = 0; at < 500; at += 125) pieces.add(std::span(values).subspan(at, 125), 1);
  int same = 0;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(whole.row(i)[0], pieces.row(i)[0]);
    same += whole.row(i)[0] == other.row(i)[0] ? 1 : 0;
  }
  EXPECT_LT(same, 20);
}

}  // namespace
}  // namespace millrace::random_cut_forest
