#include "trainer/algorithms/kmeans/seeding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace millrace::kmeans {
namespace {

constexpr InitMethod kMethods[] = {InitMethod::Random, InitMethod::PlusPlus};

std::vector<std::int64_t> seeds(InitMethod method, const Centres& points, std::int64_t count,
                                std::uint64_t seed, std::vector<double> weights = {},
                                std::int64_t candidates = 1) {
  std::mt19937_64 random(seed);
  return choose_seeds({.method = method, .count = count, .candidates = candidates}, points, weights,
                      random);
}

Centres line_of(std::vector<float> values) {
  return {.features = 1, .values = std::move(values)};
}

TEST(Seeding, AllPointsAreTakenWhenAllAreWanted) {
  const Centres points = line_of({1, 2, 3, 4, 5});
  for (const InitMethod method : kMethods) {
    const auto chosen = seeds(method, points, 5, 1);
    EXPECT_EQ(std::set(chosen.begin(), chosen.end()).size(), 5U);
  }
}

TEST(Seeding, EqualPointsAreTakenTogetherOnlyWhereOthersAreTooFew) {
  const Centres points = line_of({0, 0, 0, 0, 0, 0, 0, 0, 1, 2});
  for (const InitMethod method : kMethods) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      std::multiset<float> three;
      for (const std::int64_t number : seeds(method, points, 3, seed))
        three.insert(*points.row(number));
      EXPECT_EQ(three, (std::multiset<float>{0, 1, 2}));
      const auto five = seeds(method, points, 5, seed);
      EXPECT_EQ(std::set(five.begin(), five.end()).size(), 5U);
    }
  }
}

TEST(Seeding, TheSeedDecides) {
  std::vector<float> values;
  for (int i = 0; i < 100; ++i) values.push_back(static_cast<float>(i * i % 97));
  for (const InitMethod method : kMethods) {
    EXPECT_EQ(seeds(method, line_of(values), 9, 3), seeds(method, line_of(values), 9, 3));
    EXPECT_NE(seeds(method, line_of(values), 9, 3), seeds(method, line_of(values), 9, 4));
  }
}

TEST(Seeding, PlusPlusSpreadsOverGroupsFarApart) {
  // Two hundred points around 0 and three far away from them and each other: a random choice of
  // four would find all of those in one of fifty thousand runs.
  std::vector<float> values;
  for (int i = 0; i < 200; ++i) values.push_back(static_cast<float>(i) / 200);
  values.insert(values.end(), {1e4F, -1e4F, 3e4F});
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::set<int> groups;
    for (const std::int64_t number : seeds(InitMethod::PlusPlus, line_of(values), 4, seed))
      groups.insert(number < 200 ? 0 : static_cast<int>(number));
    EXPECT_EQ(groups.size(), 4U) << seed;
  }
}

TEST(Seeding, PlusPlusTakesPointsByTheirWeight) {
  int heavy = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed)
    heavy += seeds(InitMethod::PlusPlus, line_of({1, 2, 3}), 1, seed, {1, 2, 1})[0] == 1 ? 1 : 0;
  // Binomial of 400 and 1/2: six standard deviations on each side.
  EXPECT_GT(heavy, 140);
  EXPECT_LT(heavy, 260);
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    EXPECT_EQ(seeds(InitMethod::PlusPlus, line_of({1, 2, 3}), 1, seed, {0, 0, 1})[0], 2);
}

TEST(Seeding, MoreCandidatesLeaveLess) {
  std::vector<float> values;
  for (int i = 0; i < 500; ++i) values.push_back(static_cast<float>(i * 7919 % 1000));
  const Centres points = line_of(values);
  const auto left = [&](std::uint64_t seed, std::int64_t candidates) {
    double sum = 0;
    const auto chosen = seeds(InitMethod::PlusPlus, points, 8, seed, {}, candidates);
    for (const float value : values) {
      double nearest = 1e30;
      for (const std::int64_t number : chosen) {
        const auto gap = static_cast<double>(value - *points.row(number));
        nearest = std::min(nearest, gap * gap);
      }
      sum += nearest;
    }
    return sum;
  };
  double one = 0, six = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    one += left(seed, 1);
    six += left(seed, 6);
  }
  EXPECT_LT(six, 0.9 * one);
}

TEST(Seeding, SelectsPointsInTheOrderAsked) {
  const Centres points{.features = 2, .values = {1, 2, 3, 4, 5, 6}};
  const std::vector<std::int64_t> numbers{2, 0};
  EXPECT_EQ(select(points, numbers).values, (std::vector<float>{5, 6, 1, 2}));
}

}  // namespace
}  // namespace millrace::kmeans
