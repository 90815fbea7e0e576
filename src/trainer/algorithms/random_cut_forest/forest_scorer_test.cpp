#include "trainer/algorithms/random_cut_forest/forest_scorer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "trainer/algorithms/random_cut_forest/rows_for_test.h"

namespace millrace::random_cut_forest {
namespace {

Forest grown(const Rows& rows, std::int64_t features, std::int64_t trees, std::int64_t points) {
  return {.features = features,
          .trees = grow_trees(rows.pointers(), features, {.trees = trees, .points = points})};
}

double exact(const Forest& forest, const std::vector<float>& row) {
  double sum = 0;
  for (const CutTree& tree : forest.trees) sum += exact_score(tree, row);
  return sum / static_cast<double>(forest.trees.size());
}

class EveryPath : public testing::TestWithParam<SimdPath> {
 protected:
  void SetUp() override {
    if (!can_run(GetParam())) GTEST_SKIP() << "this processor has not these instructions";
  }
};

TEST_P(EveryPath, AgreesWithTheExactScoreWhateverTheNumberOfFeatures) {
  for (const std::int64_t features : {1, 2, 15, 16, 17, 33, 48, 64, 65, 100, 300}) {
    const Rows rows = random_rows(330, features, 11);
    const Forest forest = grown(rows, features, 5, 64);
    Rows queries = random_rows(40, features, 12);
    for (int i = 0; i < 40; ++i) queries.add(rows.row(i * 3));  // inside of trees, and known
    std::vector<float> far(static_cast<std::size_t>(features), -20);
    queries.add(far);
    far.back() = 1000;
    queries.add(far);
    const ForestScorer scorer(forest, 1, GetParam());
    const std::vector<float> scores = scorer.score(queries.values());
    ASSERT_EQ(scores.size(), 82U);
    for (int i = 0; i < 82; ++i) {
      const double wanted = exact(forest, queries.row(i));
      EXPECT_NEAR(static_cast<double>(scores[static_cast<std::size_t>(i)]), wanted, 2e-5 * wanted)
          << features << " features, row " << i;
    }
  }
}

TEST_P(EveryPath, NumbersTooLargeForFloat32SumsAreScoredToo) {
  constexpr float kMost = std::numeric_limits<float>::max();
  Rows rows({{0, 0}, {1, kMost}, {-kMost, 5}, {3, 3}, {4, 5}, {6, 7}, {1, 2}, {8, 9}}, 2);
  const Forest forest = grown(rows, 2, 2, 4);
  const ForestScorer scorer(forest, 1, GetParam());
  const std::vector<std::vector<float>> queries{{0, 0}, {kMost, kMost}, {-kMost, 1}, {3, 3.5F}};
  for (const std::vector<float>& row : queries)
    EXPECT_NEAR(static_cast<double>(scorer.score(row)[0]), exact(forest, row), 1e-5);
  const Forest small = grown(random_rows(64, 2, 1), 2, 2, 32);
  const std::vector<float> large{kMost, -kMost, 0.5F, 0.5F};
  const std::vector<float> scores = ForestScorer(small, 1, GetParam()).score(large);
  EXPECT_NEAR(static_cast<double>(scores[0]), exact(small, {kMost, -kMost}), 1e-5);
  EXPECT_NEAR(static_cast<double>(scores[1]), exact(small, {0.5F, 0.5F}), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Kernels, EveryPath,
                         testing::Values(SimdPath::Portable, SimdPath::Avx2, SimdPath::Avx512),
                         [](const auto& path) {
                           return path.param == SimdPath::Portable ? "Portable"
                                  : path.param == SimdPath::Avx2   ? "Avx2"
                                                                   : "Avx512";
                         });

TEST(ForestScorer, ARowsScoreDependsNeitherOnItsNeighboursNorOnTheThreads) {
  const Forest forest = grown(random_rows(2000, 3, 1), 3, 20, 100);
  const Rows queries = random_rows(5000, 3, 2);
  const std::vector<float> scores = ForestScorer(forest, 1).score(queries.values());
  EXPECT_EQ(scores, ForestScorer(forest, 3).score(queries.values()));
  for (const int i : {0, 1, 2047, 2048, 4999}) {
    EXPECT_EQ(ForestScorer(forest, 2).score(queries.row(i))[0],
              scores[static_cast<std::size_t>(i)]);
  }
  EXPECT_TRUE(ForestScorer(forest, 2).score({}).empty());
}

TEST(ForestScorer, ATreeAsDeepAsItHasPointsIsClimbed) {
  // Each point lies 1.5 times as far out as the one before it, so cuts peel off one after the
  // other.
  Rows rows({}, 1);
  float at = 1e-10F;
  for (int i = 0; i < 220; ++i, at *= 1.5F) rows.add({at});
  const Forest forest = grown(rows, 1, 1, 220);
  const ForestScorer scorer(forest, 1);
  for (const float x : {0.0F, 1.0F, 1e20F})
    EXPECT_NEAR(static_cast<double>(scorer.score({&x, 1})[0]), exact(forest, {x}), 1e-5);
}

}  // namespace
}  // namespace millrace::random_cut_forest
