#include "trainer/algorithms/image_classification/tensors/network.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.h"
#include "trainer/algorithms/image_classification/resnet.h"

namespace millrace::image_classification {
namespace {

torch::Tensor images(std::int64_t edge) {
  torch::manual_seed(3);
  return (torch::randn({3, 3, edge, edge}) * 50).contiguous(at::MemoryFormat::ChannelsLast);
}

TEST(Network, TheSeedDecidesTheWeights) {
  const auto logits = [](std::uint64_t seed) {
    return Network(resnet_graph(20, 28, 10), 3, seed, torch::kCPU).logits(images(28), false);
  };
  EXPECT_TRUE(logits(1).equal(logits(1)));
  EXPECT_FALSE(logits(1).equal(logits(2)));
}

TEST(Network, WeightsAreDrawnWithTheDeviationOfTheirFanIn) {
  const Network network(resnet_graph(20, 28, 10), 3, 1, torch::kCPU);
  for (const NamedArray& array : network.arrays()) {
    if (array.name != "arg:stage3_unit2_conv1_weight") continue;
    EXPECT_EQ(array.shape, (std::vector<std::int64_t>{64, 64, 3, 3}));
    const torch::Tensor values = torch::tensor(array.values);
    EXPECT_NEAR(values.std().item<double>(), std::sqrt(2.0 / 576), 0.001);
    EXPECT_NEAR(values.mean().item<double>(), 0, 0.001);
    return;
  }
  FAIL() << "no such array";
}

TEST(Network, SavedArraysGiveTheSameAnswers) {
  for (const auto& [layers, edge] :
       {std::pair<std::int64_t, std::int64_t>{20, 28}, {18, 40}, {50, 33}}) {
    Network network(resnet_graph(layers, edge, 7), 3, 1, torch::kCPU);
    (void)network.logits(images(edge), true);  // moves the statistics
    Network again(resnet_graph(layers, edge, 7), 3, network.arrays(), "x.params", torch::kCPU);
    EXPECT_TRUE(network.logits(images(edge), false).equal(again.logits(images(edge), false)))
        << layers;
  }
}

TEST(Network, AnArrayOfAnotherShapeIsRefusedByName) {
  std::vector<NamedArray> arrays = Network(resnet_graph(20, 28, 10), 3, 1, torch::kCPU).arrays();
  try {
    const Network other(resnet_graph(20, 28, 7), 3, arrays, "x.params", torch::kCPU);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "x.params, array 'arg:fc1_weight': got \"10 x 64\", expected 7 x 64. Use the "
                 ".params file that belongs to this "
                 "network.");
  }
  arrays.erase(arrays.begin());
  EXPECT_THROW(Network(resnet_graph(20, 28, 10), 3, arrays, "x.params", torch::kCPU), Error);
}

TEST(Network, OnlyWeightsAndGammasDecayAndTheFixedGammaIsNotTrained) {
  const Network network(resnet_graph(20, 28, 10), 3, 1, torch::kCPU);
  std::int64_t trained = 0, decaying = 0;
  for (const TrainedTensor& tensor : network.trained()) {
    trained += tensor.value.numel();
    if (tensor.decays) decaying += tensor.value.numel();
  }
  EXPECT_EQ(trained, 272'544 - 3);  // without the gamma of bn_data
  EXPECT_LT(decaying, trained);
  EXPECT_GT(decaying, 270'000);
}

TEST(Network, GradientsReachEveryTrainedArray) {
  Network network(resnet_graph(20, 28, 10), 3, 1, torch::kCPU);
  at::cross_entropy_loss(network.logits(images(28), true), torch::tensor({1, 2, 3})).backward();
  for (const TrainedTensor& tensor : network.trained()) EXPECT_TRUE(tensor.value.grad().defined());
}

}  // namespace
}  // namespace millrace::image_classification
