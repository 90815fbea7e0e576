#include "trainer/learn/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace millrace {
namespace {

/// A scalar weight driven by the gradients 0.5 and then -0.25, at rate 0.1; answers it after each
/// step.
std::vector<double> driven(OptimizerOptions options, bool decays) {
  torch::Tensor w = torch::full({1}, 2.0f).set_requires_grad(true);
  Optimizer optimizer({{.value = w, .decays = decays}}, options);
  std::vector<double> path;
  for (const float gradient : {0.5f, -0.25f}) {
    w.mutable_grad() = torch::full({1}, gradient);
    optimizer.step(0.1);
    path.push_back(w.item<double>());
  }
  return path;
}

void expect_path(const std::vector<double>& path, double first, double second) {
  EXPECT_NEAR(path[0], first, 1e-6);
  EXPECT_NEAR(path[1], second, 1e-6);
}

TEST(Optimizer, SgdMovesByMomentumThatHoldsTheRate) {
  // m = -0.1 (0.5 + 0.01 * 2) = -0.052; then m = 0.9 * -0.052 - 0.1 (-0.25 + 0.01 * 1.948).
  expect_path(driven({.rule = UpdateRule::Sgd, .momentum = 0.9, .weight_decay = 0.01}, true), 1.948,
              1.948 + 0.9 * -0.052 - 0.1 * (-0.25 + 0.01 * 1.948));
}

TEST(Optimizer, WhatDoesNotDecayIgnoresWeightDecay) {
  expect_path(driven({.rule = UpdateRule::Sgd, .momentum = 0.9, .weight_decay = 0.01}, false), 1.95,
              1.95 - 0.9 * 0.05 + 0.025);
}

TEST(Optimizer, NagLooksAhead) {
  const double g1 = 0.5 + 0.01 * 2, m1 = g1, w1 = 2 - 0.1 * (g1 + 0.9 * m1);
  const double g2 = -0.25 + 0.01 * w1, m2 = 0.9 * m1 + g2;
  expect_path(driven({.rule = UpdateRule::Nag, .momentum = 0.9, .weight_decay = 0.01}, true), w1,
              w1 - 0.1 * (g2 + 0.9 * m2));
}

TEST(Optimizer, AdamCorrectsItsBiasInTheRate) {
  const double m1 = 0.1 * 0.5, v1 = 0.001 * 0.25;
  const double w1 = 2 - 0.1 * std::sqrt(1 - 0.999) / (1 - 0.9) * m1 / (std::sqrt(v1) + 1e-8);
  const double m2 = 0.9 * m1 + 0.1 * -0.25, v2 = 0.999 * v1 + 0.001 * 0.0625;
  const double w2 =
      w1 - 0.1 * std::sqrt(1 - 0.999 * 0.999) / (1 - 0.81) * m2 / (std::sqrt(v2) + 1e-8);
  expect_path(driven({.rule = UpdateRule::Adam, .weight_decay = 0.5}, true), w1, w2);
}

TEST(Optimizer, RmsPropKeepsEpsInsideTheRoot) {
  const double n1 = 0.1 * 0.25, w1 = 2 - 0.1 * 0.5 / std::sqrt(n1 + 0.01);
  const double n2 = 0.9 * n1 + 0.1 * 0.0625, w2 = w1 + 0.1 * 0.25 / std::sqrt(n2 + 0.01);
  expect_path(driven({.rule = UpdateRule::RmsProp, .eps = 0.01, .gamma = 0.9}, true), w1, w2);
}

TEST(Optimizer, AdaGradSumsSquares) {
  const double n1 = 0.25, w1 = 2 - 0.1 * 0.5 / std::sqrt(n1 + 0.01);
  const double n2 = n1 + 0.0625, w2 = w1 + 0.1 * 0.25 / std::sqrt(n2 + 0.01);
  expect_path(driven({.rule = UpdateRule::AdaGrad, .eps = 0.01}, false), w1, w2);
}

TEST(Optimizer, AdaDeltaStepsByTheRatioOfRoots) {
  const double n1 = 0.1 * 0.25, d1 = std::sqrt(0.01) / std::sqrt(n1 + 0.01) * 0.5;
  const double n2 = 0.9 * n1 + 0.1 * 0.0625, s1 = 0.1 * d1 * d1;
  const double d2 = std::sqrt(s1 + 0.01) / std::sqrt(n2 + 0.01) * -0.25;
  expect_path(driven({.rule = UpdateRule::AdaDelta, .eps = 0.01, .rho = 0.9}, false), 2 - 0.1 * d1,
              2 - 0.1 * d1 - 0.1 * d2);
}

TEST(Optimizer, GoesOnFromItsMoments) {
  for (const UpdateRule rule : {UpdateRule::Sgd, UpdateRule::Adam, UpdateRule::AdaDelta}) {
    torch::Tensor a = torch::tensor({1.0F, 2.0F}), b = a.clone();
    Optimizer first({{.value = a}}, {.rule = rule}), second({{.value = b}}, {.rule = rule});
    const auto step = [](torch::Tensor& w, Optimizer& optimizer, float gradient) {
      w.mutable_grad() = torch::tensor({gradient, -gradient});
      optimizer.step(0.1);
    };
    step(a, first, 0.5F);
    b.copy_(a);
    second.resume(first.updates());
    const std::vector<torch::Tensor> from = first.moments(), to = second.moments();
    ASSERT_EQ(from.size(), rule == UpdateRule::Sgd ? 1U : 2U);
    for (std::size_t i = 0; i < from.size(); ++i) to[i].copy_(from[i]);
    step(a, first, 0.25F);
    step(b, second, 0.25F);
    EXPECT_TRUE(a.equal(b));
  }
}

TEST(Optimizer, GradientsAreDroppedAndMissingOnesSkipped) {
  torch::Tensor w = torch::ones({2}).set_requires_grad(true);
  Optimizer optimizer({{.value = w, .decays = true}}, {});
  optimizer.step(1);
  EXPECT_TRUE(w.equal(torch::ones({2})));
  w.mutable_grad() = torch::ones({2});
  optimizer.step(1);
  EXPECT_FALSE(w.grad().defined());
  EXPECT_EQ(optimizer.updates(), 2);
}

}  // namespace
}  // namespace millrace
