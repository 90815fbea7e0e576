#include "trainer/algorithms/kmeans/nearest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace millrace::kmeans {
namespace {

std::vector<float> normal(std::int64_t count, float mean, std::uint64_t seed) {
  std::mt19937_64 source(seed);
  std::normal_distribution<float> draw(mean);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = draw(source);
  return values;
}

double exact(const float* a, const float* b, std::int64_t features) {
  double sum = 0;
  for (std::int64_t i = 0; i < features; ++i)
    sum += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
  return sum;
}

TEST(NearestCentre, IsTheOneThatTheDefinitionGivesWhateverTheSizes) {
  for (const int lanes : {16, 8, 4}) {
    for (const std::int64_t features : {1, 3, 16, 54, 131}) {
      for (const std::int64_t count : {1, 2, 16, 17, 32, 33, 100}) {
        const std::int64_t rows = 205;
        // An offset that is large beside the differences.
        const Centres centres{.features = features, .values = normal(count * features, 300, 1)};
        const std::vector<float> points = normal(rows * features, 300, 2);
        std::vector<Nearest> found(static_cast<std::size_t>(rows));
        NearestCentre(centres, lanes).find(points.data(), found);
        std::vector<Nearest> firsts(found.size());
        std::vector<float> seconds(found.size());
        NearestCentre(centres, lanes).find_two(points.data(), firsts, seconds);
        for (std::int64_t row = 0; row < rows; ++row) {
          const float* const point = points.data() + row * features;
          std::vector<double> distances(2, std::numeric_limits<double>::infinity());
          for (std::int64_t c = 0; c < count; ++c)
            distances.push_back(exact(point, centres.row(c), features));
          std::partial_sort(distances.begin(), distances.begin() + 2, distances.end());
          const double least = distances[0], second = distances[1];
          const Nearest& each = found[static_cast<std::size_t>(row)];
          const double distance = exact(point, centres.row(each.centre), features);
          ASSERT_NEAR(distance, least, 1e-4 * (least + 1))
              << lanes << " lanes, " << features << " x " << count << ", row " << row;
          ASSERT_NEAR(static_cast<double>(each.squared_distance), distance, 1e-5 * (distance + 1));
          const auto at = static_cast<std::size_t>(row);
          ASSERT_EQ(firsts[at].centre, each.centre);
          ASSERT_EQ(firsts[at].squared_distance, each.squared_distance);
          if (count == 1) {
            ASSERT_EQ(seconds[at], std::numeric_limits<float>::infinity());
          } else {
            ASSERT_NEAR(static_cast<double>(seconds[at]), second, 1e-4 * (second + 1));
          }
        }
      }
    }
  }
}

TEST(NearestCentre, OfEquallyNearOnesIsTheFirst) {
  Centres centres{.features = 2, .values = {}};
  for (int c = 0; c < 40; ++c) centres.values.insert(centres.values.end(), {1, 1});
  const std::vector<float> row{5, 5};
  std::vector<Nearest> found(1);
  NearestCentre(centres).find(row.data(), found);
  EXPECT_EQ(found[0].centre, 0);
  EXPECT_EQ(found[0].squared_distance, 32);
}

TEST(NearestCentre, ARowThatIsNoRowOfNumbersHasNoFiniteDistance) {
  const float inf = std::numeric_limits<float>::infinity();
  const Centres centres{.features = 2, .values = {0, 0, 1, 1}};
  const std::vector<float> rows{inf, 0, 0, std::nanf(""), -inf, inf, 1e30F, 0, 1, 1};
  std::vector<Nearest> found(5);
  NearestCentre(centres).find(rows.data(), found);
  for (std::size_t row = 0; row < 4; ++row)
    EXPECT_FALSE(std::isfinite(found[row].squared_distance)) << row;
  EXPECT_EQ(found[4].centre, 1);
  EXPECT_EQ(found[4].squared_distance, 0);
}

TEST(NearestCentre, SparseRowsAreFoundWhereDenseOnesAre) {
  const std::int64_t features = 40;
  const Centres centres{.features = features, .values = normal(7 * features, 0, 3)};
  TabularBatch sparse, dense;
  sparse.clear(true);
  dense.clear(false);
  for (int i = 0; i < 50; ++i) {
    const Row row{.sparse = true,
                  .columns = features,
                  .indices = {i % 7, 10 + i % 11, 30 + i % 5},
                  .values = {1, static_cast<float>(i % 3), -2}};
    sparse.append(row);
    dense.append(row);
  }
  std::vector<Nearest> of_sparse(45), of_dense(45);
  const NearestCentre search(centres);
  search.find(sparse, 5, of_sparse);
  search.find(dense, 5, of_dense);
  for (std::size_t row = 0; row < 45; ++row) {
    EXPECT_EQ(of_sparse[row].centre, of_dense[row].centre) << row;
    EXPECT_EQ(of_sparse[row].squared_distance, of_dense[row].squared_distance) << row;
  }
}

}  // namespace
}  // namespace millrace::kmeans
