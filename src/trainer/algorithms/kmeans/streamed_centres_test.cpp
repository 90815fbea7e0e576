#include "trainer/algorithms/kmeans/streamed_centres.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace millrace::kmeans {
namespace {

TabularBatch batch_of(std::int64_t columns, std::vector<float> values) {
  TabularBatch batch;
  batch.clear(false);
  batch.dense.columns = columns;
  batch.dense.rows = static_cast<std::int64_t>(values.size()) / columns;
  batch.dense.features = std::move(values);
  return batch;
}

void step(StreamedCentres& centres, const TabularBatch& batch) {
  ASSERT_EQ(centres.assign(&batch), -1);
  centres.add_up(&batch);
  centres.update();
}

TEST(StreamedCentres, BecomeTheMeansOfTheRowsThatCameToThem) {
  Team team(2);
  StreamedCentres centres({.features = 1, .values = {0, 10, 100}}, 0, team);
  step(centres, batch_of(1, {1, 2, 9, 3}));
  EXPECT_EQ(centres.centres().values, (std::vector<float>{2, 9, 100}));
  EXPECT_EQ(centres.counts(), (std::vector<double>{3, 1, 0}));
  EXPECT_EQ(centres.squared_distance_in_sums(), 1 + 4 + 1 + 9);
  EXPECT_EQ(centres.rows_in_sums(), 4);
  // p = 1 / (3 + 1): 2 moves a quarter of its way to -2.
  step(centres, batch_of(1, {-2, 99, 98}));
  EXPECT_EQ(centres.centres().values, (std::vector<float>{1, 9, 98.5}));
  EXPECT_EQ(centres.counts(), (std::vector<double>{4, 1, 2}));
}

TEST(StreamedCentres, AfterTheHalfLifeARowCountsHalf) {
  Team team(2);
  StreamedCentres centres({.features = 1, .values = {0}}, 4, team);
  step(centres, batch_of(1, {8, 8, 8, 8}));
  EXPECT_EQ(centres.counts()[0], 4);  // nothing was there to decay
  step(centres, batch_of(1, {2, 2, 2, 2}));
  EXPECT_EQ(centres.counts()[0], 6);
  EXPECT_FLOAT_EQ(centres.centres().values[0], (2 * 8 + 4 * 2) / 6.0F);
  step(centres, batch_of(1, {0, 0}));
  EXPECT_NEAR(centres.counts()[0], 6 * std::sqrt(0.5) + 2, 1e-12);
}

TEST(StreamedCentres, ABatchWithoutRowsMovesNothing) {
  Team team(2);
  StreamedCentres centres({.features = 1, .values = {3}}, 1, team);
  step(centres, batch_of(1, {1}));
  EXPECT_EQ(centres.assign(nullptr), -1);
  centres.add_up(nullptr);
  EXPECT_EQ(centres.rows_in_sums(), 0);
  EXPECT_EQ(centres.spare(), 0);
  centres.update();
  EXPECT_EQ(centres.centres().values[0], 1);
}

TEST(StreamedCentres, TellWhichRowCannotBeUsed) {
  Team team(2);
  StreamedCentres centres({.features = 2, .values = {0, 0, 1, 1}}, 0, team);
  TabularBatch batch = batch_of(2, {1, 2, 3, 4, 5, std::nanf(""), 7, 8});
  EXPECT_EQ(centres.assign(&batch), 2);
  batch.dense.features[5] = 1e25F;
  EXPECT_EQ(centres.assign(&batch), 2);
}

TEST(StreamedCentres, SumsDoNotDependOnTheNumberOfThreads) {
  std::vector<float> values;
  for (int i = 0; i < 3000; ++i) values.push_back(std::sin(static_cast<float>(i * i % 1013)));
  const TabularBatch batch = batch_of(3, values);
  Centres first{.features = 3, .values = {values.begin(), values.begin() + 3 * 21}};
  std::vector<std::vector<double>> sums;
  for (const int count : {1, 2, 3}) {
    Team team(count);
    StreamedCentres centres(first, 0, team);
    EXPECT_EQ(centres.assign(&batch), -1);
    centres.add_up(&batch);
    sums.emplace_back(centres.sums().begin(), centres.sums().end());
  }
  EXPECT_EQ(sums[0], sums[1]);
  EXPECT_EQ(sums[0], sums[2]);
  // Every row is in some sum once.
  double column = 0, expected = 0, counted = 0;
  for (std::size_t c = 0; c < 21; ++c) {
    column += sums[0][3 * c];
    counted += sums[0][63 + c];
  }
  for (std::size_t row = 0; row < 1000; ++row) expected += static_cast<double>(values[3 * row]);
  EXPECT_NEAR(column, expected, 1e-9);
  EXPECT_EQ(counted, 1000);
}

}  // namespace
}  // namespace millrace::kmeans
