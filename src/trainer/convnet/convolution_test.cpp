#include "trainer/convnet/convolution.h"

#include <gtest/gtest.h>

#include "trainer/convnet/blocked_for_test.h"

namespace millrace {
namespace {

struct Case {
  BlockedShape input;
  std::int64_t filters, kernel, stride;
};

class ConvolutionOf : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!runs_blocked()) GTEST_SKIP() << "this CPU has no AVX-512";
  }
};

TEST_P(ConvolutionOf, AgreesWithLibtorchsDoubles) {
  const auto [input, filters, kernel, stride] = GetParam();
  Convolution convolution({.input = input,
                           .filters = filters,
                           .kernel = kernel,
                           .stride = stride,
                           .pad = kernel / 2,
                           .training = true});
  torch::manual_seed(1);
  const auto x = torch::randn({input.count, input.channels, input.height, input.width});
  const auto w = torch::randn({filters, input.channels, kernel, kernel});
  auto exact_x = x.to(torch::kDouble), exact_w = w.to(torch::kDouble);
  exact_x.set_requires_grad(true);
  exact_w.set_requires_grad(true);
  const torch::Tensor expected = at::conv2d(exact_x, exact_w, {}, stride, kernel / 2);
  const BlockedShape& output = convolution.output();
  ASSERT_EQ(expected.sizes(), (std::vector<std::int64_t>{output.count, output.channels,
                                                         output.height, output.width}));
  const auto dy = torch::randn(expected.sizes());
  expected.backward(dy.to(torch::kDouble));

  auto workspace =
      torch::empty({static_cast<std::int64_t>(convolution.workspace_bytes()) + 1}, torch::kUInt8);
  const auto bx = input.blocked() ? blocked(x) : x, bdy = blocked(dy);
  auto y = torch::empty({output.size()}), dw = torch::empty_like(w),
       dx = torch::empty({input.size()});
  convolution.set_weights(w.data_ptr<float>());
  convolution.forward(bx.data_ptr<float>(), y.data_ptr<float>(), workspace.data_ptr());
  EXPECT_LT(difference(plain(y, output), expected.detach()), 1e-5);
  convolution.weight_gradient(bx.data_ptr<float>(), bdy.data_ptr<float>(), dw.data_ptr<float>(),
                              workspace.data_ptr());
  EXPECT_LT(difference(dw, exact_w.grad()), 1e-5);
  if (!input.blocked()) return;
  convolution.input_gradient(bdy.data_ptr<float>(), dx.data_ptr<float>(), workspace.data_ptr());
  EXPECT_LT(difference(plain(dx, input), exact_x.grad()), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ConvolutionOf,
    testing::Values(Case{{5, 16, 28, 28}, 16, 3, 1}, Case{{3, 32, 14, 15}, 64, 3, 2},
                    Case{{2, 64, 7, 7}, 64, 3, 1}, Case{{2, 128, 2, 2}, 128, 3, 1},
                    Case{{2, 64, 9, 9}, 256, 1, 1}, Case{{2, 64, 9, 9}, 128, 1, 2},
                    Case{{2, 3, 28, 28}, 16, 3, 1}, Case{{2, 1, 28, 28}, 16, 3, 1},
                    Case{{2, 3, 45, 45}, 64, 7, 2}));

}  // namespace
}  // namespace millrace
