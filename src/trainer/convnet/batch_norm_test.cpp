#include "trainer/convnet/batch_norm.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "trainer/convnet/blocked_for_test.h"
#include "trainer/convnet/tiles.h"

namespace millrace {
namespace {

constexpr BatchNormSettings kSettings{.eps = 2e-5, .momentum = 0.9};

struct Arrays {
  torch::Tensor gamma, beta, mean, variance;
  [[nodiscard]] BatchNormArrays view() const {
    return {.gamma = gamma.data_ptr<float>(),
            .beta = beta.data_ptr<float>(),
            .moving_mean = mean.data_ptr<float>(),
            .moving_variance = variance.data_ptr<float>()};
  }
};

Arrays arrays_of(std::int64_t channels) {
  return {.gamma = torch::rand({channels}) + 0.5,
          .beta = torch::randn({channels}),
          .mean = torch::randn({channels}),
          .variance = torch::rand({channels}) + 0.5};
}

/// max(0, norm(x)) in doubles, differentiable.
torch::Tensor expected_of(const torch::Tensor& x, const torch::Tensor& gamma,
                          const torch::Tensor& beta) {
  return at::batch_norm(x, gamma, beta, {}, {}, true, 0, kSettings.eps, false).relu();
}

class BatchNormReluOf : public testing::TestWithParam<BlockedShape> {};

TEST_P(BatchNormReluOf, AgreesWithLibtorchsDoublesAndRemembersThePopulationsVariance) {
  const BlockedShape shape = GetParam();
  torch::manual_seed(2);
  // Far from zero, where sums of squares would lose everything.
  const auto x = torch::randn({shape.count, shape.channels, shape.height, shape.width}) + 100;
  const Arrays arrays = arrays_of(shape.channels);
  const auto mean = arrays.mean.clone(), variance = arrays.variance.clone();
  auto exact = x.to(torch::kDouble).set_requires_grad(true);
  auto gamma = arrays.gamma.to(torch::kDouble).set_requires_grad(true);
  auto beta = arrays.beta.to(torch::kDouble).set_requires_grad(true);
  const auto expected = expected_of(exact, gamma, beta);
  const auto dy = torch::randn(x.sizes());
  expected.backward(dy.to(torch::kDouble));

  BatchNormRelu norm(shape, kSettings);
  auto bx = blocked(x), y = torch::empty_like(bx), gradient = blocked(dy);
  norm.forward(bx.data_ptr<float>(), nullptr, arrays.view(), true, y.data_ptr<float>());
  EXPECT_LT(difference(plain(y, shape), expected.detach()), 1e-5);
  EXPECT_LT(difference(arrays.mean,
                       (mean * 0.9).to(torch::kDouble) + exact.detach().mean({0, 2, 3}) * 0.1),
            1e-6);
  EXPECT_LT(difference(arrays.variance, (variance * 0.9).to(torch::kDouble) +
                                            exact.detach().var({0, 2, 3}, false) * 0.1),
            1e-5);

  auto dgamma = torch::empty({shape.channels}), dbeta = torch::empty({shape.channels});
  auto sum = torch::ones_like(gradient);
  norm.backward(bx.data_ptr<float>(), gradient.data_ptr<float>(), sum.data_ptr<float>(), true,
                dgamma.data_ptr<float>(), dbeta.data_ptr<float>());
  norm.backward(bx.data_ptr<float>(), gradient.data_ptr<float>(), gradient.data_ptr<float>(), false,
                dgamma.data_ptr<float>(), dbeta.data_ptr<float>());
  EXPECT_LT(difference(plain(gradient, shape), exact.grad()), 1e-4);
  EXPECT_LT(difference(plain(sum, shape), exact.grad() + 1), 1e-4);
  EXPECT_LT(difference(dgamma, gamma.grad()), 1e-4);
  EXPECT_LT(difference(dbeta, beta.grad()), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Shapes, BatchNormReluOf,
                         testing::Values(BlockedShape{4, 16, 28, 28}, BlockedShape{3, 64, 7, 7},
                                         BlockedShape{16, 32, 1, 1}, BlockedShape{2, 16, 40, 40},
                                         BlockedShape{1, 32, 5, 3}));

TEST(BatchNormRelu, AddsWhatItIsTheNormOfASumOf) {
  const BlockedShape shape{3, 32, 6, 6};
  const Arrays arrays = arrays_of(32);
  for (const bool training : {true, false}) {
    const auto x = torch::randn({shape.size()}), addend = torch::randn({shape.size()});
    auto once = x + addend, twice = x.clone();
    auto expected = torch::empty({shape.size()}), y = torch::empty({shape.size()});
    BatchNormRelu norm(shape, kSettings);
    norm.forward(once.data_ptr<float>(), nullptr, arrays.view(), training,
                 expected.data_ptr<float>());
    norm.forward(twice.data_ptr<float>(), addend.data_ptr<float>(), arrays.view(), training,
                 y.data_ptr<float>());
    EXPECT_TRUE(twice.equal(once));
    EXPECT_TRUE(y.equal(expected));
  }
}

TEST(BatchNormRelu, GivesTheSameBytesWithAnyNumberOfThreads) {
  const BlockedShape shape{5, 16, 40, 40};
  const Arrays arrays = arrays_of(16);
  const auto x = torch::randn({shape.size()});
  const auto outcome = [&](int threads) {
    const int before = at::get_num_threads();
    at::set_num_threads(threads);
    auto input = x.clone(), y = torch::empty({shape.size()});
    BatchNormRelu(shape, kSettings)
        .forward(input.data_ptr<float>(), nullptr, arrays.view(), true, y.data_ptr<float>());
    at::set_num_threads(before);
    return y;
  };
  EXPECT_TRUE(outcome(1).equal(outcome(2)));
  EXPECT_TRUE(outcome(1).equal(outcome(3)));
}

TEST(Tiles, CoverEveryPixelOfEveryMapOnce) {
  const BlockedShape shape{2, 48, 40, 41};
  std::vector<int> seen(static_cast<std::size_t>(shape.size()));
  for_tiles(shape, [&](const Tile& tile) {
    for (std::int64_t i = 0; i < tile.pixels * kLanes; ++i)
      ++seen[static_cast<std::size_t>(tile.first + i)];
  });
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), shape.size());
}

}  // namespace
}  // namespace millrace
