#include "trainer/algorithms/random_cut_forest/forest.h"

#include <gtest/gtest.h>

#include <set>

#include "trainer/algorithms/random_cut_forest/rows_for_test.h"

namespace millrace::random_cut_forest {
namespace {

std::set<float> points_of(const CutTree& tree) {
  return {tree.points.begin(), tree.points.end()};
}

TEST(GrowTrees, PartsAreNeighbouringRowsOfEqualNumber) {
  Rows rows({}, 1);
  for (int i = 0; i < 32; ++i) rows.add({static_cast<float>(i)});
  const auto trees = grow_trees(rows.pointers(), 1, {.trees = 3, .points = 256});
  ASSERT_EQ(trees.size(), 3U);
  // 32 / 3 is 10; the last two rows are left out.
  EXPECT_EQ(points_of(trees[0]), (std::set<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(*points_of(trees[2]).begin(), 20);
  EXPECT_EQ(*points_of(trees[2]).rbegin(), 29);
  const auto small = grow_trees(rows.pointers(), 1, {.trees = 3, .points = 4});
  EXPECT_EQ(points_of(small[1]), (std::set<float>{4, 5, 6, 7}));
}

TEST(GrowTrees, ShuffledPartsAreTheSameRowsMixed) {
  Rows rows({}, 1);
  for (int i = 0; i < 30; ++i) rows.add({static_cast<float>(i)});
  const auto trees =
      grow_trees(rows.pointers(), 1, {.trees = 3, .points = 10, .partition = Partition::Shuffled});
  std::set<float> all;
  for (const CutTree& tree : trees) {
    const std::set<float> some = points_of(tree);
    EXPECT_GT(*some.rbegin() - *some.begin(), 10);
    all.insert(some.begin(), some.end());
  }
  EXPECT_EQ(all.size(), 30U);
}

TEST(GrowTrees, FewerRowsThanTreesAreATreeEach) {
  const Rows rows({{1}, {2}}, 1);
  EXPECT_EQ(grow_trees(rows.pointers(), 1, {.trees = 5, .points = 10}).size(), 2U);
  EXPECT_TRUE(grow_trees({}, 1, {.trees = 5, .points = 10}).empty());
}

TEST(GrowTrees, TheForestDependsOnTheSeedAndNotOnTheThreadsOrWhoGrowsWhichTree) {
  const Rows rows = random_rows(200, 2, 3);
  const auto pointers = rows.pointers();
  const auto one = grow_trees(pointers, 2, {.trees = 10, .points = 20, .seed = 4});
  EXPECT_EQ(one, grow_trees(pointers, 2, {.trees = 10, .points = 20, .seed = 4, .threads = 3}));
  EXPECT_NE(one, grow_trees(pointers, 2, {.trees = 10, .points = 20, .seed = 5}));
  auto halves =
      grow_trees(std::span(pointers).first(100), 2, {.trees = 5, .points = 20, .seed = 4});
  const auto second = grow_trees(std::span(pointers).last(100), 2,
                                 {.trees = 5, .points = 20, .first_tree = 5, .seed = 4});
  halves.insert(halves.end(), second.begin(), second.end());
  EXPECT_EQ(one, halves);
}

TEST(ForestInfo, DescribesTheForestAsTheOriginalDoes) {
  const Rows rows({{0}, {1}, {1}, {5}}, 1);
  const Forest forest{.features = 1,
                      .trees = grow_trees(rows.pointers(), 1, {.trees = 2, .points = 9})};
  // Rows 0 and 1, then 1 and 5: two trees of one cut and two leaves. 12 + 8 + 4 bytes each.
  EXPECT_EQ(forest_info(forest),
            "ForestInfo{num_trees: 2, num_samples_in_forest: 4, num_samples_per_tree: 2, "
            "sample_dim: 1, shingle_size: 1, trees_num_nodes: [3, 3, ], trees_depth: [2, 2, ], "
            "max_num_nodes: 3, min_num_nodes: 3, avg_num_nodes: 3, max_tree_depth: 2, "
            "min_tree_depth: 2, avg_tree_depth: 2, mem_size: 48}");
}

}  // namespace
}  // namespace millrace::random_cut_forest
