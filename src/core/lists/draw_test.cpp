#include "core/lists/draw.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <map>

#include "core/lists/rows_for_test.h"

namespace millrace::lists {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// `counts[c]` rows of class c, one class after the other.
List classes(const std::vector<int>& counts) {
  std::string text;
  int index = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    for (int i = 0; i < counts[c]; ++i, ++index)
      text +=
          std::to_string(index) + "\t" + std::to_string(c) + "\tp" + std::to_string(index) + "\n";
  }
  return List::parse(text, "train.lst");
}

// std::mt19937_64 of seed 0 is fixed by the standard: its 10,000th value of the default seed is
// 9981545732273789042, and these follow from it by below().
TEST(Draw, DependsOnTheSeedAlone) {
  EXPECT_EQ(Draw(7).order(20), Draw(7).order(20));
  EXPECT_NE(Draw(7).order(20), Draw(8).order(20));
  Draw draw(5489);  // the default seed
  std::uint64_t last = 0;
  for (int i = 0; i < 10000; ++i) last = draw.below(std::uint64_t{1} << 63);
  EXPECT_EQ(last, 9981545732273789042U % (std::uint64_t{1} << 63));
}

TEST(Draw, EveryOrderComesAboutAsOften) {
  std::map<std::vector<std::size_t>, int> times;
  Draw draw(1);
  for (int i = 0; i < 6000; ++i) ++times[draw.order(3)];
  ASSERT_EQ(times.size(), 6U);
  for (const auto& [order, count] : times) EXPECT_NEAR(count, 1000, 150);
}

TEST(Split, PartsHaveTheRowsThatTheirSharesAskFor) {
  const List list = classes({50, 30, 20});
  const auto parts = split_rows(list.rows(), {.shares = {0.7, 0.2}, .seed = 3}, "t");
  std::map<std::size_t, int> sizes;
  for (const std::size_t part : parts) ++sizes[part];
  EXPECT_EQ(sizes, (std::map<std::size_t, int>{{0, 70}, {1, 20}, {kNoPart, 10}}));
}

TEST(Split, StratifiedEachClassIsDividedInTheSameShares) {
  const List list = classes({50, 33, 7, 1, 1, 1, 1, 1});
  const auto parts =
      split_rows(list.rows(), {.shares = {0.8, 0.2}, .stratify = true, .seed = 3}, "t");
  std::map<float, std::array<int, 2>> sizes;
  std::array<int, 2> all{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    ASSERT_LT(parts[i], 2U);
    ++sizes[list.rows()[i].labels[0]][parts[i]];
    ++all[parts[i]];
  }
  EXPECT_THAT(sizes[0], ElementsAre(40, 10));
  EXPECT_NEAR(sizes[1][1], 6.6, 1);
  EXPECT_NEAR(sizes[2][1], 1.4, 1);
  EXPECT_THAT(all, ElementsAre(76, 19));  // five classes of one row: one of them goes to the fifth
}

TEST(Split, ClassesThatARowHasSeveralOfCannotBeStratified) {
  const List list = list_of("0 1 0 a;1 1 1 b");
  EXPECT_THAT(
      refusal_of(
          [&] { return split_rows(list.rows(), {.shares = {0.5}, .stratify = true}, "tags.lst"); }),
      HasSubstr("tags.lst: got \"a column a class\", expected one class a row. Draw without"));
  EXPECT_EQ(split_rows(list.rows(), {.shares = {0.5}}, "tags.lst").size(), 2U);
}

TEST(Sample, KeepsTheOrderAndTakesNoRowTwice) {
  const List list = classes({40, 60});
  const std::vector<LstRow> rows = sample_rows(list.rows(), 25, false, 7, "t");
  ASSERT_EQ(rows.size(), 25U);
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(),
                             [](const LstRow& a, const LstRow& b) { return a.index <= b.index; }));
  EXPECT_EQ(sample_rows(list.rows(), 1000, false, 7, "t").size(), 100U);
  EXPECT_EQ(sample_rows(list.rows(), 0, false, 7, "t").size(), 0U);
}

TEST(Sample, PerClassTakesAtMostSoMany) {
  const List list = classes({40, 3, 60});
  std::map<float, int> counts;
  for (const LstRow& row : sample_per_class(list.rows(), 5, 7, "t")) ++counts[row.labels[0]];
  EXPECT_EQ(counts, (std::map<float, int>{{0, 5}, {1, 3}, {2, 5}}));
}

}  // namespace
}  // namespace millrace::lists
