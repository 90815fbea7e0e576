#include "trainer/algorithms/kmeans/kept_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace millrace::kmeans {
namespace {

/// Rows [begin, end) of a stream in which row i holds i at its first feature.
TabularBatch rows(std::int64_t begin, std::int64_t end, std::int64_t features, bool sparse) {
  TabularBatch batch;
  batch.clear(sparse);
  batch.first_row = begin;
  for (std::int64_t i = begin; i < end; ++i) {
    Row row{.labels = {1}, .sparse = sparse, .columns = features};
    row.values.assign(sparse ? 1 : static_cast<std::size_t>(features), static_cast<float>(i));
    if (sparse) row.indices = {0};
    batch.append(row);
  }
  return batch;
}

/// The rows that are kept at a level, by their first feature, in order.
std::vector<std::int64_t> numbers(const KeptRows& kept, int level) {
  std::vector<std::int64_t> found;
  for (std::size_t i = 0; i < kept.batches().size(); ++i) {
    const TabularBatch& batch = kept.batches()[i];
    std::vector<float> row(static_cast<std::size_t>(batch.columns()));
    for (const std::int64_t number : kept.rows_at(level, i)) {
      batch.write_dense(number, row.data());
      found.push_back(static_cast<std::int64_t>(row[0]));
    }
  }
  return found;
}

std::vector<std::int64_t> counted(std::int64_t end) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < end; ++i) all.push_back(i);
  return all;
}

TEST(KeptRows, AreAllRowsWhileTheyFit) {
  for (const bool sparse : {false, true}) {
    KeptRows kept;
    kept.add(rows(0, 700, 3, sparse));
    kept.add(rows(700, 1000, 3, sparse));
    EXPECT_EQ(kept.level(), 0);
    EXPECT_EQ(numbers(kept, 0), counted(1000));
    EXPECT_EQ(kept.batches()[0].is_sparse, sparse);
    EXPECT_TRUE(kept.batches()[0].labels().empty());
  }
}

TEST(KeptRows, DenseAndSparseOnesMayAlternate) {
  KeptRows kept;
  for (int i = 0; i < 10; ++i) kept.add(rows(10 * i, 10 * i + 10, 3, i % 2 == 1));
  EXPECT_EQ(numbers(kept, 0), counted(100));
}

TEST(KeptRows, AreAUniformSampleOfWhatDoesNotFit) {
  constexpr std::int64_t kRows = 100'000;
  KeptRows kept(100 << 10);
  for (std::int64_t i = 0; i < kRows; i += 100) kept.add(rows(i, i + 100, 4, false));
  // Memory holds some 2,000 rows of 16 bytes and what goes with them, and is at least half full.
  const std::vector<std::int64_t> sample = numbers(kept, kept.level());
  EXPECT_GE(kept.level(), 5);
  EXPECT_LT(sample.size(), 100U << 10 >> 4);
  EXPECT_NEAR(static_cast<double>(sample.size()), static_cast<double>(kRows >> kept.level()),
              4 * std::sqrt(static_cast<double>(kRows >> kept.level())));
  EXPECT_TRUE(std::is_sorted(sample.begin(), sample.end()));
  // Mean and spread of numbers drawn evenly from [0, 100,000).
  double mean = 0;
  for (const std::int64_t each : sample) mean += static_cast<double>(each) / kRows;
  mean /= static_cast<double>(sample.size());
  EXPECT_NEAR(mean, 0.5, 4 * 0.2887 / std::sqrt(static_cast<double>(sample.size())));
  EXPECT_EQ(std::set<std::int64_t>(sample.begin(), sample.end()).size(), sample.size());
}

TEST(KeptRows, DependOnTheRowsAndNotOnTheirBatches) {
  KeptRows one_by_one(10 << 10), together(10 << 10);
  for (std::int64_t i = 0; i < 3000; ++i) one_by_one.add(rows(i, i + 1, 4, false));
  together.add(rows(0, 3000, 4, false));
  EXPECT_GT(together.level(), 0);
  EXPECT_EQ(one_by_one.level(), together.level());
  EXPECT_EQ(numbers(one_by_one, one_by_one.level()), numbers(together, together.level()));
}

TEST(KeptRows, OfAHigherLevelAreThoseThatAreLeftThere) {
  KeptRows all, few(10 << 10);
  all.add(rows(0, 3000, 4, true));
  few.add(rows(0, 3000, 4, true));
  EXPECT_EQ(all.level(), 0);
  EXPECT_EQ(numbers(all, few.level()), numbers(few, few.level()));
  EXPECT_LT(numbers(all, 1).size(), 1700U);
  EXPECT_GT(numbers(all, 1).size(), 1300U);
}

}  // namespace
}  // namespace millrace::kmeans
