#include "trainer/algorithms/ntm/random_numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace millrace::ntm {
namespace {

// The known answers of the authors' library, kat_vectors, philox4x32 with 10 rounds.
TEST(RandomNumbers, PhiloxGivesItsKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}),
            (std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

TEST(RandomNumbers, NormalsHaveTheMomentsOfTheirDistribution) {
  std::vector<float> values(200'000);
  normals_at({.seed = 5, .purpose = 1}, values.data(), static_cast<std::int64_t>(values.size()));
  double sum = 0, square = 0, fourth = 0;
  for (const float value : values) {
    const double v = static_cast<double>(value);
    sum += v;
    square += v * v;
    fourth += v * v * v * v;
  }
  const double n = static_cast<double>(values.size());
  EXPECT_NEAR(sum / n, 0, 0.01);
  EXPECT_NEAR(square / n, 1, 0.02);
  EXPECT_NEAR(fourth / n, 3, 0.1);
}

TEST(RandomNumbers, EveryPartOfAPlaceCounts) {
  const RandomPlace place{.seed = 1, .purpose = 2, .epoch = 3, .document = 4};
  EXPECT_EQ(uniform_at(place), uniform_at(place));
  std::vector<RandomPlace> others(5, place);
  others[0].seed = 2;
  others[1].purpose = 3;
  others[2].epoch = 4;
  others[3].document = 5;
  others[4].document = document_address(1, 4);
  for (const RandomPlace& other : others) EXPECT_NE(uniform_at(other), uniform_at(place));
}

TEST(RandomNumbers, FewerNormalsAreTheFirstOfMore) {
  float few[3], more[9];
  normals_at({.seed = 1}, few, 3);
  normals_at({.seed = 1}, more, 9);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(few[i], more[i]);
}

}  // namespace
}  // namespace millrace::ntm
