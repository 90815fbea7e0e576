#include "trainer/algorithms/knn/tensors/flat_index.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <string>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace::knn {
namespace {

using Vectors = std::vector<float>;

/// Numbers whose variance falls from column to column, as that of most tables does once turned.
Vectors decaying(std::int64_t rows, std::int64_t columns, double offset, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Vectors vectors;
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    const double scale = 10.0 / (1.0 + static_cast<double>(i % columns));
    vectors.push_back(static_cast<float>(offset + scale * normal(random)));
  }
  return vectors;
}

/// Small whole numbers, so that many distances are equal.
Vectors whole(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  Vectors vectors;
  for (std::int64_t i = 0; i < count; ++i) vectors.push_back(static_cast<float>(random() % 3));
  return vectors;
}

/// The definition: all distances in double, sorted.
Neighbours by_definition(const Vectors& vectors, const Vectors& queries, std::size_t columns,
                         std::size_t k, bool inner_product) {
  Neighbours found{.k = static_cast<std::int64_t>(k), .distances = {}, .rows = {}};
  for (std::size_t q = 0; q < queries.size(); q += columns) {
    std::vector<std::pair<double, std::int64_t>> all;
    for (std::size_t row = 0; row < vectors.size(); row += columns) {
      double sum = 0;
      for (std::size_t i = 0; i < columns; ++i) {
        const auto a = static_cast<double>(queries[q + i]),
                   b = static_cast<double>(vectors[row + i]);
        sum += inner_product ? -a * b : (a - b) * (a - b);
      }
      all.emplace_back(sum, static_cast<std::int64_t>(row / columns));
    }
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < k; ++i) {
      found.rows.push_back(all[i].second);
      found.distances.push_back(static_cast<float>(inner_product ? -all[i].first : all[i].first));
    }
  }
  return found;
}

void expect_equal(const Neighbours& found, const Neighbours& expected) {
  EXPECT_EQ(found.rows, expected.rows);
  ASSERT_EQ(found.distances.size(), expected.distances.size());
  for (std::size_t i = 0; i < found.distances.size(); ++i)
    EXPECT_FLOAT_EQ(found.distances[i], expected.distances[i]);
}

/// 300 queries: enough for the filter to be used from the first on.
constexpr std::int64_t kQueries = 300;

TEST(FlatIndex, FindsWhatTheDefinitionFinds) {
  for (const bool inner_product : {false, true}) {
    for (const double offset : {0.0, 1000.0}) {
      constexpr std::int64_t kColumns = 40;
      // More rows than the sample that the first distances come from, and no multiple of anything.
      const Vectors vectors = decaying(9001, kColumns, offset, 1),
                    queries = decaying(kQueries, kColumns, offset, 2);
      FlatIndex index(inner_product, kColumns, vectors);
      expect_equal(index.search(queries, 5),
                   by_definition(vectors, queries, kColumns, 5, inner_product));
    }
  }
}

TEST(FlatIndex, EquallyNearRowsComeInTheirOrder) {
  constexpr std::int64_t kColumns = 4;
  const Vectors vectors = whole(9000 * kColumns, 1), queries = whole(kQueries * kColumns, 2);
  FlatIndex index(false, kColumns, vectors);
  const Neighbours found = index.search(queries, 20);
  expect_equal(found, by_definition(vectors, queries, kColumns, 20, false));
  EXPECT_EQ(found.distances[0], 0);
  EXPECT_EQ(found.distances[1], 0);
  EXPECT_LT(found.rows[0], found.rows[1]);
}

TEST(FlatIndex, AnswersDoNotDependOnHowManyQueriesThereAre) {
  constexpr std::int64_t kColumns = 64;
  const Vectors vectors = decaying(5000, kColumns, 3, 1),
                queries = decaying(kQueries, kColumns, 3, 2);
  FlatIndex many(false, kColumns, vectors), one(false, kColumns, vectors);
  const Neighbours together = many.search(queries, 7);
  for (std::int64_t query = 0; query < 20; ++query) {
    const Neighbours alone = one.search(
        std::span(queries).subspan(static_cast<std::size_t>(query * kColumns), kColumns), 7);
    for (std::size_t i = 0; i < 7; ++i) {
      EXPECT_EQ(alone.rows[i], together.rows[static_cast<std::size_t>(query) * 7 + i]);
      EXPECT_EQ(alone.distances[i], together.distances[static_cast<std::size_t>(query) * 7 + i]);
    }
  }
}

TEST(FlatIndex, FindsEveryRowAndAmongFewRows) {
  constexpr std::int64_t kColumns = 3;
  const Vectors vectors = decaying(50, kColumns, 0, 1),
                queries = decaying(kQueries, kColumns, 0, 2);
  FlatIndex index(false, kColumns, vectors);
  expect_equal(index.search(queries, 50), by_definition(vectors, queries, kColumns, 50, false));
  FlatIndex single(false, kColumns, {1, 2, 3});
  EXPECT_EQ(single.search(queries, 1).rows, std::vector<std::int64_t>(kQueries, 0));
}

TEST(FlatIndex, ConstantColumnsAndRowsOfZerosAreRowsToo) {
  constexpr std::int64_t kColumns = 32;
  Vectors vectors(6000 * kColumns, 0), queries(kQueries * kColumns, 0);
  vectors[100 * kColumns] = 1;
  queries[0] = 1;
  FlatIndex index(false, kColumns, vectors);
  const Neighbours found = index.search(queries, 2);
  EXPECT_EQ(found.rows[0], 100);
  EXPECT_EQ(found.rows[1], 0);
  EXPECT_EQ(found.rows[2], 0);
  EXPECT_EQ(found.rows[3], 1);
}

TEST(FlatIndex, NumbersTooLargeForFloatSumsAreStillCompared) {
  constexpr std::int64_t kColumns = 2;
  Vectors vectors, queries;
  for (int i = 0; i < 5000; ++i) {
    vectors.push_back(static_cast<float>(i) * 1e30F);
    vectors.push_back(0);
  }
  for (int i = 0; i < kQueries; ++i) {
    queries.push_back(static_cast<float>(i) * 1e30F + 2e29F);
    queries.push_back(0);
  }
  FlatIndex index(false, kColumns, vectors);
  const Neighbours found = index.search(queries, 1);
  for (std::int64_t i = 0; i < kQueries; ++i) EXPECT_EQ(found.rows[static_cast<std::size_t>(i)], i);
}

/// The filter works with few coordinates where there are directions to be found, else with all.
TEST(RowFilter, ChoosesFewCoordinatesWhereTheyTellMost) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  const Vectors narrow = decaying(20'000, 200, 0, 1);
  Vectors round(20'000 * 64);
  for (float& value : round) value = normal(random);
  const RowFilter few(narrow, 200, false, 10), all(round, 64, false, 10);
  EXPECT_GT(few.width(), 0);
  EXPECT_LT(few.width(), 100);
  EXPECT_EQ(all.width(), 0);
}

TEST(RowFilter, OffersNothingThatIsTooLarge) {
  const Vectors vectors(1000, 1e30F), query{1e30F};
  const RowFilter filter(vectors, 1, true, 1);
  std::vector<Nearest> nearest(1, Nearest(1));
  EXPECT_FALSE(filter.search(query, nearest));
}

class FlatIndexFile : public testing::Test {
 protected:
  FlatIndexFile() {
    char name[] = "/tmp/millrace-knn-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~FlatIndexFile() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string written(const FlatIndex& index) const {
    index.write(folder_ / "index");
    return read_file(folder_ / "index");
  }

  std::filesystem::path folder_;
};

TEST_F(FlatIndexFile, IsTheOneOfFaiss) {
  const std::string bytes = written(FlatIndex(false, 2, {1, 2, 3, 4}));
  // As faiss.write_index of FAISS 1.7.3 writes an IndexFlatL2 of these rows.
  const std::string expected(
      "IxF2\x02\0\0\0\x02\0\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\x10\0\0\0\0\0\x01\x01\0\0\0"
      "\x04\0\0\0\0\0\0\0\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40",
      61);
  EXPECT_EQ(bytes, expected);
  EXPECT_EQ(written(FlatIndex(true, 2, {1, 2})).substr(0, 4), "IxFI");
}

TEST_F(FlatIndexFile, ReadsWhatItWrites) {
  const Vectors vectors = decaying(10, 3, 0, 1), query{1, 2, 3};
  for (const bool inner_product : {false, true}) {
    FlatIndex index(inner_product, 3, vectors);
    const auto again = FlatIndex::read(written(index));
    EXPECT_EQ(again->vectors(), vectors);
    EXPECT_EQ(again->search(query, 4).rows, index.search(query, 4).rows);
  }
}

TEST_F(FlatIndexFile, RefusesWhatIsDamaged) {
  const std::string bytes = written(FlatIndex(false, 2, {1, 2, 3, 4}));
  std::string other_rows = bytes;
  other_rows[8] = 3;
  for (const std::string& bad :
       {bytes.substr(0, 20), bytes.substr(0, bytes.size() - 4), bytes + "more", other_rows}) {
    EXPECT_THROW((void)FlatIndex::read(bad), Error) << bad.size();
  }
}

}  // namespace
}  // namespace millrace::knn
