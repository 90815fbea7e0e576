#include "trainer/tabular/tabular_batch.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(TabularBatch, DenseRowsAreGivenAsTheyAre) {
  TabularBatch batch;
  batch.clear(false);
  batch.append({.labels = {1}, .columns = 2, .values = {3, 4}});
  batch.append({.labels = {0}, .sparse = true, .columns = 2, .indices = {1}, .values = {5}});
  std::vector<float> scratch;
  const std::span<const float> features = batch.dense_features(scratch);
  EXPECT_EQ(std::vector<float>(features.begin(), features.end()), (std::vector<float>{3, 4, 0, 5}));
  EXPECT_EQ(features.data(), batch.dense.features.data()) << "copied";
}

TEST(TabularBatch, SparseRowsAreWrittenOutOverWhatScratchHeld) {
  TabularBatch batch;
  batch.clear(true);
  batch.append({.labels = {1}, .sparse = true, .columns = 3, .indices = {2}, .values = {7}});
  batch.append({.labels = {1}, .sparse = true, .columns = 3});
  batch.append({.labels = {1}, .columns = 3, .values = {0, 8, 9}});
  EXPECT_EQ(batch.sparse.values, (std::vector<float>{7, 8, 9})) << "zeros are not stored";
  std::vector<float> scratch(100, 5);
  const std::span<const float> features = batch.dense_features(scratch);
  EXPECT_EQ(std::vector<float>(features.begin(), features.end()),
            (std::vector<float>{0, 0, 7, 0, 0, 0, 0, 8, 9}));
}

TEST(TabularBatch, NoRowsHaveNoFeatures) {
  for (const bool sparse : {false, true}) {
    TabularBatch batch;
    batch.clear(sparse);
    std::vector<float> scratch{1};
    EXPECT_TRUE(batch.dense_features(scratch).empty());
  }
}

}  // namespace
}  // namespace millrace
