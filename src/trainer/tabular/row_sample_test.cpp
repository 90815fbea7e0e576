#include "trainer/tabular/row_sample.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

/// Rows [begin, end), labelled with their numbers.
TabularBatch numbered(int begin, int end, bool sparse) {
  TabularBatch batch;
  batch.clear(sparse);
  for (int i = begin; i < end; ++i) {
    Row row{.labels = {static_cast<float>(i)}, .sparse = sparse, .columns = 2};
    if (sparse) row.indices = {0, 1};
    row.values = {1, 2};
    batch.append(row);
  }
  return batch;
}

TEST(RowSample, HoldsEveryRowInOrderUntilItIsFull) {
  for (const bool sparse : {false, true}) {
    RowSample sample({.rows = 5}, 1);
    sample.add(numbered(0, 2, sparse));
    sample.add(numbered(2, 4, sparse));
    TabularBatch batch;
    sample.fill(batch, 1, 4);
    EXPECT_EQ(batch.is_sparse, sparse);
    EXPECT_EQ(batch.labels(), (std::vector<float>{1, 2, 3}));
    EXPECT_EQ(batch.row(0).values, (std::vector<float>{1, 2}));
  }
}

TEST(RowSample, EveryRowHasTheSameChance) {
  std::vector<int> taken(20);
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    RowSample sample({.rows = 5}, seed);
    for (int begin = 0; begin < 20; begin += 3)
      sample.add(numbered(begin, std::min(begin + 3, 20), false));
    EXPECT_EQ(sample.rows().size(), 5U);
    for (const Row& row : sample.rows()) ++taken[static_cast<std::size_t>(row.labels[0])];
  }
  // Binomial with mean 1000 and deviation 27.
  for (const int count : taken) EXPECT_NEAR(count, 1000, 140);
}

TEST(RowSample, WideRowsLeaveRoomForFewer) {
  RowSample sample({.rows = 100, .values = 6}, 1);
  sample.add(numbered(0, 50, false));
  EXPECT_EQ(sample.rows().size(), 3U);
}

}  // namespace
}  // namespace millrace
