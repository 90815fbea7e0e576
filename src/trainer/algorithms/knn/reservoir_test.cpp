#include "trainer/algorithms/knn/reservoir.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::knn {
namespace {

/// Rows of a stream that end up in the reservoir, by place.
std::vector<std::int64_t> sampled(std::int64_t capacity, std::uint64_t seed, std::int64_t rows,
                                  std::int64_t batch) {
  Reservoir reservoir(capacity, seed);
  std::vector<std::int64_t> places(static_cast<std::size_t>(std::min(capacity, rows)));
  for (std::int64_t begin = 0; begin < rows; begin += batch) {
    for (const Reservoir::Kept& kept : reservoir.next(std::min(batch, rows - begin)))
      places[static_cast<std::size_t>(kept.place)] = begin + kept.row;
  }
  return places;
}

TEST(Reservoir, KeepsAShortStreamInItsOrder) {
  EXPECT_EQ(sampled(10, 1, 3, 2), (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(Reservoir, BatchesDoNotMatter) {
  EXPECT_EQ(sampled(10, 1, 500, 500), sampled(10, 1, 500, 7));
  EXPECT_NE(sampled(10, 1, 500, 500), sampled(10, 2, 500, 500));
}

TEST(Reservoir, EveryRowIsAsLikely) {
  std::vector<int> drawn(50);
  constexpr int kRuns = 4000;
  for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
    for (const std::int64_t row : sampled(10, seed, 50, 8)) ++drawn[static_cast<std::size_t>(row)];
  }
  // 800 of 4000 each, deviation 25.3; six deviations.
  for (const int times : drawn) EXPECT_NEAR(times, kRuns * 10 / 50, 152);
}

}  // namespace
}  // namespace millrace::knn
