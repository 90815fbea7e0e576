#include "trainer/convnet/pooling.h"

#include <gtest/gtest.h>

#include "trainer/convnet/blocked_for_test.h"

namespace millrace {
namespace {

TEST(MaxPool, AgreesWithLibtorch) {
  const BlockedShape shape{2, 32, 23, 24};
  const auto x = torch::randn({2, 32, 23, 24}).set_requires_grad(true);
  const auto expected = at::max_pool2d(x, 3, 2, 1);
  const auto dy = torch::randn(expected.sizes());
  expected.backward(dy);

  MaxPool pool(shape, 3, 2, 1);
  const auto bx = blocked(x.detach()), bdy = blocked(dy);
  auto y = torch::empty({pool.output().size()}), dx = torch::empty({shape.size()});
  pool.forward(bx.data_ptr<float>(), y.data_ptr<float>(), /*remember=*/true);
  EXPECT_TRUE(plain(y, pool.output()).equal(expected));
  pool.input_gradient(bdy.data_ptr<float>(), dx.data_ptr<float>());
  EXPECT_TRUE(plain(dx, shape).allclose(x.grad()));
}

TEST(AverageMaps, AgreesWithLibtorch) {
  const BlockedShape shape{3, 32, 7, 5};
  const auto x = torch::randn({3, 32, 7, 5}).set_requires_grad(true);
  const auto expected = x.mean({2, 3});
  const auto dy = torch::randn({3, 32});
  expected.backward(dy);

  const auto bx = blocked(x.detach());
  auto y = torch::empty({3, 32}), dx = torch::empty({shape.size()});
  average_maps(shape, bx.data_ptr<float>(), y.data_ptr<float>());
  EXPECT_TRUE(y.allclose(expected, 1e-5, 1e-6));
  average_maps_gradient(shape, dy.data_ptr<float>(), dx.data_ptr<float>());
  EXPECT_TRUE(plain(dx, shape).allclose(x.grad()));
}

}  // namespace
}  // namespace millrace
