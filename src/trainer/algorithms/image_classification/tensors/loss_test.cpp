#include "trainer/algorithms/image_classification/tensors/loss.h"

#include <gtest/gtest.h>

#include <vector>

namespace millrace::image_classification {
namespace {

// The expected figures are PyTorch 1.13's, in Python: the value and x.grad after backward() of
//   x = torch.tensor([[0.5, -1.25, 3.0], [-2.0, 0.0, 40.0]], requires_grad=True)
//   t = torch.tensor([[1., 0., 1.], [0., 1., 0.]])
//   torch.nn.functional.binary_cross_entropy_with_logits(x, t)
// and so on, as each test says.

torch::Tensor scores() {
  return torch::tensor({{0.5F, -1.25F, 3.0F}, {-2.0F, 0.0F, 40.0F}});
}

torch::Tensor targets() {
  return torch::tensor({{1.0F, 0.0F, 1.0F}, {0.0F, 1.0F, 0.0F}});
}

void expect_values(const torch::Tensor& tensor, const std::vector<float>& expected) {
  const torch::Tensor flat = tensor.contiguous();
  ASSERT_EQ(flat.numel(), static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(flat.data_ptr<float>()[i], expected[i], 1e-7F) << i;
}

TEST(SigmoidLoss, IsTorchsBinaryCrossEntropyWithLogits) {
  const Loss loss = sigmoid_loss(scores(), targets(), std::nullopt);
  EXPECT_FLOAT_EQ(loss.mean.item<float>(), 6.93244505F);
  expect_values(loss.gradient, {-0.0629234388F, 0.0371166877F, -0.00790431071F, 0.0198671538F,
                                -0.0833333358F, 0.166666672F});
}

// weight=torch.where(t > 0, torch.tensor([2., .5, 0.]), torch.tensor([2/3, 1., .5]))
TEST(SigmoidLoss, WeighsEachTermByItsClassAndTarget) {
  const Loss loss = sigmoid_loss(scores(), targets(),
                                 LossWeights{.present = torch::tensor({2.0F, 0.5F, 0.0F}),
                                             .absent = torch::tensor({2.0F / 3, 1.0F, 0.5F})});
  EXPECT_FLOAT_EQ(loss.mean.item<float>(), 3.60521245F);
  expect_values(loss.gradient,
                {-0.125846878F, 0.0371166877F, 0.0F, 0.0132447695F, -0.0416666679F, 0.0833333358F});
}

TEST(SigmoidLoss, IsFiniteForScoresFarFromZero) {
  const Loss loss = sigmoid_loss(torch::tensor({{1e30F, -1e30F, -1e30F}}),
                                 torch::tensor({{1.0F, 0.0F, 1.0F}}), std::nullopt);
  EXPECT_FLOAT_EQ(loss.mean.item<float>(), 1e30F / 3);
  expect_values(loss.gradient, {0.0F, 0.0F, -1.0F / 3});
}

// cross_entropy(x, torch.tensor([2, 1]))
TEST(SoftmaxLoss, IsTorchsCrossEntropy) {
  const Loss loss = softmax_loss(scores(), torch::tensor({2, 1}, torch::kInt64));
  EXPECT_FLOAT_EQ(loss.mean.item<float>(), 20.0459938F);
  expect_values(loss.gradient,
                {0.0374356098F, 0.00650533382F, -0.0439409316F, 2.87476127e-19F, -0.5F, 0.5F});
}

TEST(Loss, LeavesTheGraphOfItsScoresAlone) {
  const torch::Tensor weights = torch::ones({3}).set_requires_grad(true);
  const torch::Tensor logits = scores() * weights;
  const Loss loss = softmax_loss(logits, torch::tensor({2, 1}, torch::kInt64));
  EXPECT_FALSE(weights.grad().defined());
  logits.backward(loss.gradient);
  EXPECT_TRUE(at::equal(weights.grad(), (scores() * loss.gradient).sum(0)));
}

}  // namespace
}  // namespace millrace::image_classification
