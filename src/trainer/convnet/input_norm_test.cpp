#include "trainer/convnet/input_norm.h"

#include <gtest/gtest.h>

#include <utility>

#include "trainer/convnet/blocked_for_test.h"

namespace millrace {
namespace {

constexpr BatchNormSettings kSettings{.eps = 2e-5, .momentum = 0.9};

struct Case {
  BlockedShape input;
  std::int64_t kernel, stride;
};

class InputNormOf : public testing::TestWithParam<Case> {};

TEST_P(InputNormOf, AgreesWithLibtorchsDoublesInValuesAndInTheGradientOfBeta) {
  const auto [shape, kernel, stride] = GetParam();
  torch::manual_seed(3);
  const auto x = torch::randn({shape.count, shape.channels, shape.height, shape.width}) * 60 + 30;
  const auto gamma = torch::ones({shape.channels}), beta_now = torch::randn({shape.channels});
  auto mean = torch::zeros({shape.channels}), variance = torch::ones({shape.channels});
  auto beta = beta_now.to(torch::kDouble).set_requires_grad(true);
  const auto expected = at::batch_norm(x.to(torch::kDouble), gamma.to(torch::kDouble), beta, {}, {},
                                       true, 0, kSettings.eps, false);
  const auto weights = torch::randn({16, shape.channels, kernel, kernel});
  const auto convolved = at::conv2d(expected, weights.to(torch::kDouble), {}, stride, kernel / 2);
  const auto dy = torch::randn(convolved.sizes());
  convolved.backward(dy.to(torch::kDouble));

  auto y = torch::empty_like(x);
  const auto interleaved = x.permute({0, 2, 3, 1}).contiguous();
  normalise_input(shape, kSettings, interleaved.data_ptr<float>(),
                  {.gamma = gamma.data_ptr<float>(),
                   .beta = beta_now.data_ptr<float>(),
                   .moving_mean = mean.data_ptr<float>(),
                   .moving_variance = variance.data_ptr<float>()},
                  true, y.data_ptr<float>());
  EXPECT_LT(difference(y, expected.detach()), 1e-6);
  EXPECT_LT(difference(mean, x.to(torch::kDouble).mean({0, 2, 3}) * 0.1), 1e-6);
  EXPECT_LT(difference(variance, x.to(torch::kDouble).var({0, 2, 3}, false) * 0.1 + 0.9), 1e-6);

  const auto blocked_dy = blocked(dy);
  auto dbeta = torch::empty({shape.channels});
  input_beta_gradient(
      shape, {shape.count, 16, convolved.size(2), convolved.size(3)},
      {.weights = weights.data_ptr<float>(), .kernel = kernel, .stride = stride, .pad = kernel / 2},
      blocked_dy.data_ptr<float>(), dbeta.data_ptr<float>());
  EXPECT_LT(difference(dbeta, beta.grad()), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Shapes, InputNormOf,
                         testing::Values(Case{{4, 3, 28, 28}, 3, 1}, Case{{3, 1, 27, 29}, 3, 1},
                                         Case{{2, 3, 33, 40}, 7, 2}, Case{{2, 3, 5, 4}, 7, 2},
                                         // Narrower than half of the kernel.
                                         Case{{2, 3, 33, 3}, 7, 2}, Case{{2, 3, 2, 1}, 7, 2},
                                         Case{{2, 3, 1, 1}, 3, 1}));

}  // namespace
}  // namespace millrace
