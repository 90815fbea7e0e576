#include "trainer/algorithms/pca/memory_needs.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::pca {
namespace {

constexpr double kGigabyte = 1e9;

std::string refusal(const Hyperparameters& h, double limit) {
  try {
    require_memory(h, limit);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(MemoryNeeds, AMatrixThatDoesNotFitPointsToTheSketch) {
  const Hyperparameters h{.feature_dim = 100'000, .num_components = 10};
  EXPECT_EQ(refusal(h, 16 * kGigabyte),
            "hyperparameter 'feature_dim': got \"100000\", expected what fits in the host's 16.0 "
            "GB of memory; this matrix takes 320.0 GB. Set algorithm_mode to randomized, which "
            "takes 0.2 GB.");
  EXPECT_EQ(refusal(h, 400 * kGigabyte), "accepted");
}

TEST(MemoryNeeds, ASketchThatDoesNotFitIsToBeNarrower) {
  const Hyperparameters h{
      .feature_dim = 10'000'000, .num_components = 100, .algorithm_mode = Mode::Randomized};
  EXPECT_NE(refusal(h, 16 * kGigabyte).find("a sketch of 400 columns takes 224.0 GB. Lower"),
            std::string::npos)
      << refusal(h, 16 * kGigabyte);
}

TEST(MemoryNeeds, TheLimitIsNoMoreThanTheMachineHas) {
  EXPECT_GT(memory_limit(), 1e6);
  EXPECT_LT(memory_limit(), 1e15);
}

}  // namespace
}  // namespace millrace::pca
