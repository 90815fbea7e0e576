#include "trainer/algorithms/random_cut_forest/cut_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "trainer/algorithms/random_cut_forest/rows_for_test.h"

namespace millrace::random_cut_forest {
namespace {

/// Inserts x as the algorithm does, with random cuts, and answers the depth-based score of where it
/// comes to stand: at each node a cut of the box around node and x is drawn; one that separates x
/// makes it a leaf there.
double score_of_one_insertion(const CutTree& tree, const std::vector<float>& x, Uniform& random) {
  std::size_t node = 0;
  for (std::int64_t depth = 0;; ++depth) {
    std::vector<float> low, high;
    std::vector<std::size_t> open{node};
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (at < tree.cuts()) {
        open.insert(open.end(), {tree.inner[at].left, tree.inner[at].right});
        continue;
      }
      const auto point = tree.point(at - tree.cuts());
      if (low.empty()) low.assign(point.begin(), point.end()), high = low;
      for (std::size_t d = 0; d < low.size(); ++d) {
        low[d] = std::min(low[d], point[d]);
        high[d] = std::max(high[d], point[d]);
      }
    }
    double sides = 0;
    for (std::size_t d = 0; d < x.size(); ++d)
      sides += static_cast<double>(std::max(high[d], x[d]) - std::min(low[d], x[d]));
    double at = random.next() * sides;
    for (std::size_t d = 0; d < x.size(); ++d) {
      const auto from = static_cast<double>(std::min(low[d], x[d])),
                 to = static_cast<double>(std::max(high[d], x[d]));
      if (at >= to - from) {
        at -= to - from;
        continue;
      }
      const double cut = from + at;
      const bool separates = (x[d] < low[d] && cut < static_cast<double>(low[d])) ||
                             (x[d] > high[d] && cut >= static_cast<double>(high[d]));
      if (separates) return score_of_new_point(depth) * score_scale(tree.mass());
      break;
    }
    if (node >= tree.cuts()) {
      const std::size_t leaf = node - tree.cuts();
      return score_of_known_point(depth, tree.masses[leaf], tree.mass()) * score_scale(tree.mass());
    }
    const CutTree::Cut& cut = tree.inner[node];
    node = x[cut.dimension] <= cut.value ? cut.left : cut.right;
  }
}

TEST(CutTree, TheScoreIsTheExpectationOverRandomInsertions) {
  const Rows rows = random_rows(12, 3, 5);
  Uniform random(1, 0);
  const CutTree tree = grow_tree(rows.pointers(), 3, random);
  for (const std::vector<float>& x : {std::vector<float>{0.1F, 0.2F, 0.9F},
                                      {0.5F, 0.5F, 0.5F},
                                      {3, -1, 0.4F},
                                      {-9, 9, 20},
                                      rows.row(4)}) {
    constexpr int kTrials = 40'000;
    double sum = 0, squares = 0;
    for (int i = 0; i < kTrials; ++i) {
      const double score = score_of_one_insertion(tree, x, random);
      sum += score;
      squares += score * score;
    }
    const double mean = sum / kTrials;
    const double error = std::sqrt(std::max(0.0, squares / kTrials - mean * mean) / kTrials);
    EXPECT_NEAR(exact_score(tree, x), mean, 4.5 * error + 1e-9);
  }
}

TEST(CutTree, UnitValuesOfTheReferenceVisitorHold) {
  // AnomalyScoreVisitor of the open-source reference: leaf equal to the query at depth 100 with
  // mass 10 in a tree of 21; and a new leaf at depth 100 in a tree of 2.
  EXPECT_NEAR(score_of_known_point(100, 10, 21) * score_scale(21),
              (1 - 10.0 / 42) / (100 + std::log2(11)) * std::log2(22), 1e-12);
  EXPECT_NEAR(score_of_new_point(100) * score_scale(2), std::log2(3) / 101, 1e-12);
}

TEST(CutTree, TwoPointsGiveTheScoresThatCanBeWorkedOutByHand) {
  const Rows rows({{0}, {1}}, 1);
  Uniform random(3, 0);
  const CutTree tree = grow_tree(rows.pointers(), 1, random);
  ASSERT_EQ(tree.cuts(), 1U);
  const double scale = std::log2(3);
  EXPECT_NEAR(exact_score(tree, std::vector<float>{0}), scale * 0.75 / (1 + 1), 1e-12);
  // At 3 the root's box [0, 1] grows to [0, 3]: two cuts in three separate. What is left comes to
  // the leaf at depth 1.
  EXPECT_NEAR(exact_score(tree, std::vector<float>{3}), scale * (2.0 / 3 + 1.0 / 3 / 2), 1e-12);
  EXPECT_NEAR(exact_score(tree, std::vector<float>{0.25F}), scale * 0.5, 1e-12);
}

TEST(CutTree, ATreeOfOnePointKnowsItAndNothingElse) {
  const Rows rows({{2, 2}, {2, 2}, {2, 2}}, 2);
  Uniform random(3, 0);
  const CutTree tree = grow_tree(rows.pointers(), 2, random);
  EXPECT_EQ(tree.nodes(), 1U);
  EXPECT_EQ(tree.mass(), 3);
  // log2(1 + 3) both scales and divides it; the damping is 1 - 3/6.
  EXPECT_NEAR(exact_score(tree, std::vector<float>{2, 2}), 0.5, 1e-12);
  EXPECT_NEAR(exact_score(tree, std::vector<float>{2, 2.5F}), 2, 1e-12);
}

TEST(CutTree, LeavesAreTheDistinctPointsAndCutsDivideThem) {
  Rows rows = random_rows(300, 4, 7);
  for (int i = 0; i < 40; ++i) rows.add(rows.row(i % 5));
  Uniform random(9, 2);
  const CutTree tree = grow_tree(rows.pointers(), 4, random);
  EXPECT_EQ(tree.leaves(), 300U);
  EXPECT_EQ(tree.mass(), 340);
  EXPECT_EQ(tree.masses.size() + tree.inner.size(), tree.nodes());
  for (std::size_t leaf = 0; leaf < tree.leaves(); ++leaf) {
    std::size_t node = 0;
    while (node < tree.cuts()) {
      const CutTree::Cut& cut = tree.inner[node];
      node = tree.point(leaf)[cut.dimension] <= cut.value ? cut.left : cut.right;
    }
    EXPECT_EQ(node, tree.cuts() + leaf);
  }
}

TEST(CutTree, DimensionsAreCutInProportionToTheirSides) {
  const Rows rows({{0, 0, 7}, {3, 1, 7}}, 3);
  std::map<int, int> times;
  std::vector<double> places;
  constexpr int kTrees = 20'000;
  Uniform random(0, 0);
  for (int i = 0; i < kTrees; ++i) {
    const CutTree tree = grow_tree(rows.pointers(), 3, random);
    ++times[tree.inner[0].dimension];
    if (tree.inner[0].dimension == 0) places.push_back(static_cast<double>(tree.inner[0].value));
  }
  // Three quarters, within 4.5 standard deviations; a constant column is never cut.
  EXPECT_NEAR(times[0], 0.75 * kTrees, 4.5 * std::sqrt(kTrees * 0.75 * 0.25));
  EXPECT_EQ(times[2], 0);
  // Places are uniform: Kolmogorov and Smirnov, 1.95 / sqrt(n) is exceeded once in 1,000.
  std::sort(places.begin(), places.end());
  double most = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    most = std::max(most, std::abs(places[i] / 3 - static_cast<double>(i + 1) /
                                                       static_cast<double>(places.size())));
  }
  EXPECT_LT(most, 1.95 / std::sqrt(static_cast<double>(places.size())));
}

TEST(CutTree, NeighboursInFloat32AndTheWidestRangeAreDivided) {
  constexpr float kMost = std::numeric_limits<float>::max();
  const Rows rows({{1}, {std::nextafter(1.0F, 2.0F)}, {kMost}, {-kMost}, {0}, {-0.0F}}, 1);
  for (std::uint64_t stream = 0; stream < 100; ++stream) {
    Uniform random(1, stream);
    const CutTree tree = grow_tree(rows.pointers(), 1, random);
    EXPECT_EQ(tree.leaves(), 5U);
    for (const float x : {1.0F, 5.0F, kMost, -kMost}) {
      const double score = exact_score(tree, std::vector<float>{x});
      EXPECT_GT(score, 0);
      EXPECT_LE(score, score_scale(tree.mass()));
    }
  }
}

TEST(CutTree, APointFarAwayScoresHigherThanOneAmongTheOthers) {
  const Rows rows = random_rows(256, 5, 2);
  Uniform random(4, 0);
  const CutTree tree = grow_tree(rows.pointers(), 5, random);
  EXPECT_GT(exact_score(tree, std::vector<float>(5, 10)), 6);
  EXPECT_LT(exact_score(tree, std::vector<float>(5, 0.5F)), 2);
}

}  // namespace
}  // namespace millrace::random_cut_forest
