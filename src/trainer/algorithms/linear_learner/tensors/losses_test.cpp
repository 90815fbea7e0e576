#include "trainer/algorithms/linear_learner/tensors/losses.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <functional>

namespace millrace::linear_learner {
namespace {

const LossSettings kSettings{
    .insensitivity = 0.3F, .huber_delta = 0.8F, .margin = 1.2F, .quantile = 0.3F};

/// The loss of each score as its definition in the Developer Guide reads, for torch to
/// differentiate.
torch::Tensor by_definition(Loss loss, const torch::Tensor& y, const torch::Tensor& s) {
  const torch::Tensor e = y - s, size = e.abs(), t = y * 2 - 1;
  switch (loss) {
    case Loss::Squared:
      return e.pow(2);
    case Loss::Absolute:
      return size;
    case Loss::EpsInsensitiveSquared:
      return (size - 0.3).clamp_min(0).pow(2);
    case Loss::EpsInsensitiveAbsolute:
      return (size - 0.3).clamp_min(0);
    case Loss::Quantile:
      return e.clamp_min(0) * 0.3 + (-e).clamp_min(0) * 0.7;
    case Loss::Huber:
      return at::where(size.le(0.8), e.pow(2) / 2, (size - 0.4) * 0.8);
    case Loss::Logistic:
      return (-t * s).exp().log1p();
    case Loss::Hinge:
      return (1.2 - t * s).clamp_min(0);
    case Loss::Softmax:
      break;
  }
  return {};
}

struct Computed {
  torch::Tensor slopes;
  LossSums sums;
};

Computed by_hand(LossSettings settings, const RowWeights& weights, const torch::Tensor& labels,
                 const torch::Tensor& scores, const torch::Tensor& biases, std::int64_t models) {
  Computed computed{.slopes = scores.clone(), .sums = {}};
  const auto span = [](const torch::Tensor& t) {
    return std::span<const float>(t.data_ptr<float>(), static_cast<std::size_t>(t.numel()));
  };
  scores_to_gradients(settings, weights, span(labels), span(biases),
                      {.rows = scores.size(0),
                       .models = models,
                       .outputs = scores.size(1) / models,
                       .scores = computed.slopes.data_ptr<float>()},
                      computed.sums);
  return computed;
}

class EveryLoss : public testing::TestWithParam<Loss> {};

TEST_P(EveryLoss, HasTheGradientThatTorchFinds) {
  at::manual_seed(5);
  constexpr std::int64_t kRows = 300, kModels = 5;
  const bool binary = GetParam() == Loss::Logistic || GetParam() == Loss::Hinge;
  const torch::Tensor labels =
      binary ? at::randint(0, 2, {kRows}, at::kFloat) : at::randn({kRows}, at::kFloat) * 2;
  const torch::Tensor scores = at::randn({kRows, kModels}) * 2, biases = at::randn({kModels});
  RowWeights weights;
  torch::Tensor weigh = at::ones({kRows, kModels});
  if (binary) {
    weights.positive = {1, 2, 0.5, 3, 1};
    weigh = at::where(labels.unsqueeze(1).gt(0.5), torch::tensor(weights.positive).unsqueeze(0),
                      at::ones({1, 1}));
  }
  LossSettings settings = kSettings;
  settings.loss = GetParam();

  torch::Tensor s = (scores + biases).set_requires_grad(true);
  const torch::Tensor losses = by_definition(GetParam(), labels.unsqueeze(1), s) * weigh;
  losses.sum().backward();
  const Computed computed = by_hand(settings, weights, labels, scores, biases, kModels);

  EXPECT_TRUE(computed.slopes.allclose(s.grad(), 1e-5, 1e-6));
  for (std::int64_t m = 0; m < kModels; ++m) {
    const auto at = static_cast<std::size_t>(m);
    const double loss = losses.detach().select(1, m).to(at::kDouble).sum().item<double>();
    EXPECT_NEAR(computed.sums.losses[at], loss, 1e-4 * loss);
    const float slope = s.grad().select(1, m).sum().item<float>();
    EXPECT_NEAR(computed.sums.bias_gradients[at], slope, 1e-3F);
  }
}

INSTANTIATE_TEST_SUITE_P(Losses, EveryLoss,
                         testing::Values(Loss::Squared, Loss::Absolute, Loss::EpsInsensitiveSquared,
                                         Loss::EpsInsensitiveAbsolute, Loss::Quantile, Loss::Huber,
                                         Loss::Logistic, Loss::Hinge),
                         [](const auto& loss) { return std::string(loss_name(loss.param)); });

TEST(Softmax, HasTheGradientThatTorchFinds) {
  at::manual_seed(6);
  constexpr std::int64_t kRows = 200, kModels = 3, kClasses = 4;
  const torch::Tensor labels = at::randint(0, kClasses, {kRows}, at::kFloat);
  const torch::Tensor scores = at::randn({kRows, kModels * kClasses}) * 3;
  const torch::Tensor biases = at::randn({kModels * kClasses});
  const RowWeights weights{.positive = {}, .classes = {1, 2, 0.5, 1}};

  torch::Tensor s = (scores + biases).set_requires_grad(true);
  const torch::Tensor weigh = torch::tensor(weights.classes).index_select(0, labels.to(at::kLong));
  const torch::Tensor probabilities = s.view({kRows, kModels, kClasses}).log_softmax(2);
  const torch::Tensor losses =
      -probabilities.gather(2, labels.to(at::kLong).view({kRows, 1, 1}).expand({kRows, kModels, 1}))
           .squeeze(2) *
      weigh.unsqueeze(1);
  losses.sum().backward();
  LossSettings settings;
  settings.loss = Loss::Softmax;
  const Computed computed = by_hand(settings, weights, labels, scores, biases, kModels);
  EXPECT_TRUE(computed.slopes.allclose(s.grad(), 1e-5, 1e-6));
  EXPECT_NEAR(computed.sums.losses[1], losses.detach().select(1, 1).sum().item<double>(), 1e-2);
}

TEST(Exponential, IsCloseToTheLibrarysOwn) {
  for (float x = -86; x <= 0; x += 0.0137F)
    EXPECT_NEAR(exp_of_negative(x) / std::exp(x), 1, 6e-7F) << x;
  EXPECT_EQ(exp_of_negative(-100), 0);
  EXPECT_EQ(exp_of_negative(0), 1);
  for (float x = 0; x <= 1; x += 0.00137F)
    EXPECT_NEAR(log_of_one_plus(x), std::log1p(x), 3e-7F) << x;
}

TEST(Logistic, DoesNotOverflowWhereTheScoreIsHuge) {
  for (const float score : {1e4F, -1e4F}) {
    for (const float label : {0.0F, 1.0F}) {
      const LossValue value = loss_value<Loss::Logistic>({}, label, score);
      const bool right = (score > 0) == (label > 0.5F);
      EXPECT_FLOAT_EQ(value.loss, right ? 0 : 1e4F);
      EXPECT_FLOAT_EQ(std::abs(value.slope), right ? 0 : 1);
    }
  }
}

}  // namespace
}  // namespace millrace::linear_learner
