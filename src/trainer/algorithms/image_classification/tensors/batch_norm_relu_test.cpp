#include "trainer/algorithms/image_classification/tensors/batch_norm_relu.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "trainer/algorithms/image_classification/graph.h"

namespace millrace::image_classification {
namespace {

BatchNormTensors arrays(std::int64_t channels) {
  return {.gamma = torch::rand({channels}).set_requires_grad(true),
          .beta = torch::randn({channels}).set_requires_grad(true),
          .moving_mean = torch::randn({channels}),
          .moving_variance = torch::rand({channels}) + 0.5};
}

/// libtorch's own operations, in double.
torch::Tensor reference(const torch::Tensor& x, const BatchNormTensors& a, bool training) {
  return at::batch_norm(x, a.gamma, a.beta, a.moving_mean, a.moving_variance, training,
                        1 - kBatchNormMomentum, kBatchNormEps, false)
      .relu();
}

BatchNormTensors in_double(const BatchNormTensors& a) {
  const auto copy = [](const torch::Tensor& t) { return t.detach().to(torch::kFloat64); };
  return {.gamma = copy(a.gamma).set_requires_grad(true),
          .beta = copy(a.beta).set_requires_grad(true),
          .moving_mean = copy(a.moving_mean),
          .moving_variance = copy(a.moving_variance)};
}

class BatchNormReluShape : public testing::TestWithParam<std::vector<std::int64_t>> {};

TEST_P(BatchNormReluShape, AgreesWithLibtorchInValuesGradientsAndStatistics) {
  torch::manual_seed(1);
  const std::int64_t channels = GetParam()[1];
  const torch::Tensor x = (torch::randn(GetParam()) * 3 + 20)
                              .contiguous(at::MemoryFormat::ChannelsLast)
                              .set_requires_grad(true);
  const torch::Tensor weight = torch::randn(GetParam());
  const BatchNormTensors ours = arrays(channels), theirs = in_double(ours);
  const torch::Tensor y = batch_norm_relu(x, ours, true);
  (y * weight).sum().backward();
  const torch::Tensor precise = x.detach().to(torch::kFloat64).set_requires_grad(true);
  const torch::Tensor expected = reference(precise, theirs, true);
  (expected * weight.to(torch::kFloat64)).sum().backward();

  EXPECT_TRUE(torch::allclose(y.to(torch::kFloat64), expected, 1e-4, 1e-4));
  EXPECT_TRUE(torch::allclose(x.grad().to(torch::kFloat64), precise.grad(), 1e-3, 1e-4));
  EXPECT_TRUE(
      torch::allclose(ours.gamma.grad().to(torch::kFloat64), theirs.gamma.grad(), 1e-3, 1e-3));
  EXPECT_TRUE(
      torch::allclose(ours.beta.grad().to(torch::kFloat64), theirs.beta.grad(), 1e-3, 1e-3));
  EXPECT_TRUE(
      torch::allclose(ours.moving_mean.to(torch::kFloat64), theirs.moving_mean, 1e-5, 1e-5));
  // libtorch remembers the sample variance, MXNet and we that of the population.
  const double n = static_cast<double>(x.numel()) / static_cast<double>(channels);
  const torch::Tensor before =
      (theirs.moving_variance - (1 - kBatchNormMomentum) * precise.detach().var({0, 2, 3}, true));
  const torch::Tensor population =
      before + (1 - kBatchNormMomentum) * precise.detach().var({0, 2, 3}, false);
  EXPECT_GT(n, 1);
  EXPECT_TRUE(torch::allclose(ours.moving_variance.to(torch::kFloat64), population, 1e-4, 1e-4));
}

INSTANTIATE_TEST_SUITE_P(Shapes, BatchNormReluShape,
                         testing::Values(std::vector<std::int64_t>{2, 16, 5, 5},
                                         std::vector<std::int64_t>{4, 3, 7, 6},
                                         std::vector<std::int64_t>{8, 64, 14, 14},
                                         std::vector<std::int64_t>{1, 1, 2, 1}));

TEST(BatchNormRelu, ScoringUsesTheRememberedStatistics) {
  const torch::Tensor x = torch::randn({2, 5, 3, 3}).contiguous(at::MemoryFormat::ChannelsLast);
  const BatchNormTensors a = arrays(5);
  const at::NoGradGuard no_grad;
  EXPECT_TRUE(torch::allclose(batch_norm_relu(x, a, false), reference(x, a, false), 1e-5, 1e-5));
}

TEST(BatchNormRelu, TheNumberOfThreadsDoesNotChangeABit) {
  const torch::Tensor x = torch::randn({16, 16, 28, 28}).contiguous(at::MemoryFormat::ChannelsLast);
  const BatchNormTensors a = arrays(16);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const torch::Tensor one = batch_norm_relu(x, a, true);
  at::set_num_threads(3);
  const torch::Tensor three = batch_norm_relu(x, a, true);
  at::set_num_threads(threads);
  EXPECT_TRUE(one.equal(three));
}

}  // namespace
}  // namespace millrace::image_classification
