#include "trainer/algorithms/ntm/documents.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/algorithms/ntm/document_pass.h"
#include "trainer/job/job_folder.h"

namespace millrace::ntm {
namespace {

TabularBatch batch_of(const std::vector<std::vector<float>>& rows, bool sparse) {
  TabularBatch batch;
  batch.clear(sparse);
  for (const auto& values : rows)
    batch.append({.columns = static_cast<std::int64_t>(values.size()), .values = values});
  return batch;
}

TEST(Documents, HoldCountsAboveZeroOfDenseAndSparseRowsAlike) {
  for (const bool sparse : {false, true}) {
    const TabularBatch batch = batch_of({{0, 2, 0, 1}, {0, 0, 0, 0}, {3, 0, 0, 0}}, sparse);
    Documents documents;
    for (std::int64_t row = 0; row < 3; ++row) documents.add(batch, row, nullptr);
    EXPECT_EQ(documents.size(), 2);
    EXPECT_EQ(documents.empty, 1);
    EXPECT_EQ(documents.starts, (std::vector<std::int64_t>{0, 2, 3}));
    EXPECT_EQ(documents.words, (std::vector<std::int64_t>{1, 3, 0}));
    EXPECT_EQ(documents.totals, (std::vector<double>{3, 3}));
    EXPECT_EQ(documents.rows, (std::vector<std::int64_t>{0, 2}));
  }
}

TEST(Documents, CountsThatAreNoneAreRefusedWithTheirPlace) {
  for (const float bad : {-1.0F, NAN, INFINITY}) {
    const TabularBatch batch = batch_of({{1, 1}, {1, bad}}, false);
    Documents documents;
    std::int64_t row = -1, word = -1;
    documents.add(batch, 1, [&](std::int64_t at, std::int64_t column, float) {
      row = at;
      word = column;
    });
    EXPECT_EQ(row, 1) << bad;
    EXPECT_EQ(word, 1) << bad;
  }
}

class Passes : public testing::Test {
 protected:
  Passes() : folder_({}) {
    std::string rows;
    for (int i = 0; i < 1000; ++i) rows += std::to_string(i + 1) + ",1\n";
    folder_.add_channel({.name = "train", .content_type = "text/csv"}, {{"a.csv", rows}});
  }

  /// Rows of each batch of a pass.
  std::vector<std::vector<std::int64_t>> pass(Draw draw) {
    Job job(folder_.paths(), {});
    TabularChannel channel(*job.find_channel("train"), {.batch_rows = 64}, {});
    PassCounts counts;
    DocumentPass documents(channel, 64, draw, counts);
    std::vector<std::vector<std::int64_t>> batches;
    while (const Documents* batch = documents.next()) batches.push_back(batch->rows);
    EXPECT_TRUE(documents.found_rows());
    return batches;
  }

 private:
  JobFolder folder_;
};

TEST_F(Passes, TakeEveryRowOnceInOrder) {
  const auto batches = pass({});
  ASSERT_EQ(batches.size(), 16U);
  std::int64_t next = 0;
  for (const auto& batch : batches) {
    for (const std::int64_t row : batch) EXPECT_EQ(row, next++);
  }
  EXPECT_EQ(batches.back().size(), 1000U - 15 * 64);
}

TEST_F(Passes, DrawAPartOfTheRowsAnewInEachEpochInWholeBatches) {
  const auto first = pass({.part = 0.5, .seed = 1, .epoch = 1}),
             again = pass({.part = 0.5, .seed = 1, .epoch = 1}),
             second = pass({.part = 0.5, .seed = 1, .epoch = 2});
  EXPECT_EQ(first, again);
  EXPECT_NE(first, second);
  std::size_t rows = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    rows += first[i].size();
    if (i + 1 < first.size()) {
      EXPECT_EQ(first[i].size(), 64U);
    }
  }
  // 500 +- 5 standard deviations.
  EXPECT_NEAR(static_cast<double>(rows), 500, 80);
  EXPECT_TRUE(pass({.part = 0}).empty());
}

}  // namespace
}  // namespace millrace::ntm
