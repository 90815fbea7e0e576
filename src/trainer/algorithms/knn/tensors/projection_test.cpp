#include "trainer/algorithms/knn/tensors/projection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace millrace::knn {
namespace {

std::vector<float> normal_vectors(std::int64_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> vectors;
  for (std::int64_t i = 0; i < count; ++i) vectors.push_back(normal(random));
  return vectors;
}

double dot(const float* a, const float* b, std::int64_t count) {
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i)
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

TEST(Projection, KeepsLengthsAndInnerProductsInExpectation) {
  constexpr std::int64_t kFrom = 100, kTo = 30;
  const std::vector<float> two = normal_vectors(2 * kFrom);
  const double length = dot(two.data(), two.data(), kFrom),
               product = dot(two.data(), two.data() + kFrom, kFrom);
  for (const ReductionType type : {ReductionType::Sign, ReductionType::Fjlt}) {
    double lengths = 0, products = 0;
    constexpr std::uint64_t kSeeds = 400;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const std::vector<float> image =
          Projection({.type = type, .seed = seed, .target_dim = kTo, .input_dim = kFrom})
              .apply(two);
      ASSERT_EQ(image.size(), 2 * kTo);
      lengths += dot(image.data(), image.data(), kTo) / kSeeds;
      products += dot(image.data(), image.data() + kTo, kTo) / kSeeds;
    }
    // One projection is off by about sqrt(2 / 30) of the length; the mean of 400 by 1.3 percent.
    EXPECT_NEAR(lengths / length, 1, 0.06);
    EXPECT_NEAR(products / length, product / length, 0.06);
  }
}

TEST(Projection, OfATransformWithEveryCoordinateKeepsDistancesExactly) {
  const std::vector<float> two = normal_vectors(128);
  const std::vector<float> image =
      Projection({.type = ReductionType::Fjlt, .seed = 1, .target_dim = 64, .input_dim = 64})
          .apply(two);
  EXPECT_NEAR(dot(image.data(), image.data() + 64, 64), dot(two.data(), two.data() + 64, 64), 1e-4);
}

TEST(Projection, SignsAreOfOneSize) {
  std::vector<float> unit(9);
  unit[4] = 1;
  const std::vector<float> image =
      Projection({.type = ReductionType::Sign, .seed = 1, .target_dim = 4, .input_dim = 9})
          .apply(unit);
  for (const float value : image) EXPECT_EQ(std::abs(value), 0.5F);
}

TEST(Projection, FollowsFromItsSeed) {
  const std::vector<float> two = normal_vectors(200);
  for (const ReductionType type : {ReductionType::Sign, ReductionType::Fjlt}) {
    const auto image = [&](std::uint64_t seed) {
      return Projection({.type = type, .seed = seed, .target_dim = 10, .input_dim = 100})
          .apply(two);
    };
    EXPECT_EQ(image(3), image(3));
    EXPECT_NE(image(3), image(4));
  }
}

}  // namespace
}  // namespace millrace::knn
