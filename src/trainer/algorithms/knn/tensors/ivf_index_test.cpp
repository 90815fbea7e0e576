#include "trainer/algorithms/knn/tensors/ivf_index.h"

#include <ATen/Parallel.h>
#include <faiss/IndexFlat.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/algorithms/knn/tensors/flat_index.h"

namespace millrace::knn {
namespace {

constexpr std::int64_t kColumns = 16;
constexpr std::int64_t kQueries = 100;

std::vector<float> vectors_of(std::int64_t rows, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> vectors;
  for (std::int64_t i = 0; i < rows * kColumns; ++i) {
    const auto cluster = static_cast<float>((i / kColumns) % 7);
    vectors.push_back(cluster * 4 + normal(random));
  }
  return vectors;
}

class IvfIndexTest : public testing::Test {
 protected:
  IvfIndexTest() {
    // FAISS's thousands of short parallel loops would each wait for a thread on a busy machine.
    at::set_num_threads(1);
    char name[] = "/tmp/millrace-knn-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~IvfIndexTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string written(const Index& index) const {
    index.write(folder_ / "index");
    return read_file(folder_ / "index");
  }

  /// Share of the true neighbours that are found.
  static double recall(Index& index, bool inner_product) {
    FlatIndex exact(inner_product, kColumns, vectors_of(1500, 1));
    const std::vector<float> queries = vectors_of(kQueries, 2);
    const Neighbours truth = exact.search(queries, 10), found = index.search(queries, 10);
    int both = 0;
    for (std::size_t query = 0; query < truth.rows.size(); query += 10) {
      for (std::size_t i = query; i < query + 10; ++i) {
        for (std::size_t j = query; j < query + 10; ++j) both += truth.rows[i] == found.rows[j];
      }
    }
    return both / static_cast<double>(truth.rows.size());
  }

  static IndexSettings settings(IndexType type, std::int64_t probes, bool inner_product = false) {
    return {.type = type,
            .inner_product = inner_product,
            .dimension = kColumns,
            .lists = 12,
            .probes = probes,
            .sub_vectors = 8,
            .seed = 3};
  }

  std::filesystem::path folder_;
};

TEST_F(IvfIndexTest, EveryListProbedIsAnExactSearch) {
  for (const bool inner_product : {false, true}) {
    const auto index =
        build_index(settings(IndexType::IvfFlat, 12, inner_product), vectors_of(1500, 1));
    EXPECT_EQ(recall(*index, inner_product), 1);
  }
}

TEST_F(IvfIndexTest, FewerListsFindMostAndBytesFindMany) {
  const auto some = build_index(settings(IndexType::IvfFlat, 4), vectors_of(1500, 1)),
             one = build_index(settings(IndexType::IvfFlat, 1), vectors_of(1500, 1)),
             bytes = build_index(settings(IndexType::IvfPq, 4), vectors_of(1500, 1));
  EXPECT_GT(recall(*some, false), 0.9);
  EXPECT_LT(recall(*one, false), recall(*some, false));
  EXPECT_GT(recall(*bytes, false), 0.4);
}

TEST_F(IvfIndexTest, TheSameSeedGivesTheSameFileAndItReads) {
  for (const IndexType type : {IndexType::IvfFlat, IndexType::IvfPq}) {
    const auto a = build_index(settings(type, 4), vectors_of(1500, 1)),
               b = build_index(settings(type, 4), vectors_of(1500, 1));
    IndexSettings other = settings(type, 4);
    other.seed = 4;
    const auto c = build_index(other, vectors_of(1500, 1));
    const std::string bytes = written(*a);
    EXPECT_EQ(bytes.substr(0, 4), type == IndexType::IvfFlat ? "IwFl" : "IwPQ");
    EXPECT_EQ(bytes, written(*b));
    EXPECT_NE(bytes, written(*c));
    const auto again = read_index(bytes);
    EXPECT_EQ(again->rows(), 1500);
    EXPECT_EQ(again->search(vectors_of(kQueries, 2), 10).rows,
              a->search(vectors_of(kQueries, 2), 10).rows);
    EXPECT_THROW((void)read_index(std::string_view(bytes).substr(0, bytes.size() / 2)), Error);
  }
}

TEST_F(IvfIndexTest, AskedForMoreThanTheListsHoldItSaysSo) {
  const auto index = build_index(settings(IndexType::IvfFlat, 1), vectors_of(1500, 1));
  const Neighbours found = index->search(vectors_of(1, 2), 1500);
  EXPECT_GE(found.rows.front(), 0);
  EXPECT_EQ(found.rows.back(), -1);
}

TEST_F(IvfIndexTest, RefusesMoreCentroidsThanRows) {
  const auto refusal = [](IndexType type, std::int64_t lists, std::int64_t rows) -> std::string {
    IndexSettings few = settings(type, 1);
    few.lists = lists;
    try {
      (void)build_index(few, vectors_of(rows, 1));
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.what();
    }
    return "accepted";
  };
  EXPECT_NE(refusal(IndexType::IvfFlat, 21, 20).find("at most 20, the rows of the sample"),
            std::string::npos);
  EXPECT_EQ(refusal(IndexType::IvfFlat, 20, 20), "accepted");
  EXPECT_NE(refusal(IndexType::IvfPq, 2, 255).find("256 centroids"), std::string::npos);
  EXPECT_EQ(refusal(IndexType::IvfPq, 2, 256), "accepted");
}

TEST_F(IvfIndexTest, RefusesAFileOfAnotherKind) {
  EXPECT_THROW((void)read_index("not an index at all, only text"), Error);
  EXPECT_THROW((void)read_index(""), Error);
}

/// FAISS reads the file of a flat index that FAISS did not write, and finds the same rows.
TEST_F(IvfIndexTest, FaissReadsOurFlatIndex) {
  for (const bool inner_product : {false, true}) {
    FlatIndex ours(inner_product, kColumns, vectors_of(1500, 1));
    ours.write(folder_ / "flat");
    const std::unique_ptr<faiss::Index> theirs(faiss::read_index((folder_ / "flat").c_str()));
    ASSERT_EQ(theirs->ntotal, 1500);
    const std::vector<float> queries = vectors_of(kQueries, 2);
    std::vector<float> distances(kQueries * 5);
    std::vector<faiss::Index::idx_t> rows(kQueries * 5);
    theirs->search(kQueries, queries.data(), 5, distances.data(), rows.data());
    const Neighbours found = ours.search(queries, 5);
    std::size_t same = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      same += found.rows[i] == rows[i] ? 1 : 0;
      EXPECT_NEAR(found.distances[i], distances[i], 1e-3F * std::abs(distances[i]) + 1e-2F);
    }
    // FAISS sums in float, which may take two rows that are almost equally near the other way
    // round.
    EXPECT_GE(same, rows.size() * 98 / 100);
  }
}

}  // namespace
}  // namespace millrace::knn
