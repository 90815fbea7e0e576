#include "trainer/algorithms/image_classification/tensors/blocked_graph.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/error.h"
#include "trainer/algorithms/image_classification/resnet.h"
#include "trainer/algorithms/image_classification/tensors/blocked_plan.h"
#include "trainer/convnet/blocked.h"

namespace millrace::image_classification {
namespace {

std::size_t place_of(const Graph& graph, const std::string& name) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (graph.nodes[i].name == name) return i;
  ADD_FAILURE() << "no node " << name;
  return 0;
}

/// ResNet-20 with one node changed.
template <class Change>
Graph changed(const std::string& name, Change change) {
  Graph graph = resnet_graph(20, 28, 10);
  change(graph, graph.nodes[place_of(graph, name)]);
  return graph;
}

TEST(BlockedGraph, EveryResnetFits) {
  for (const std::int64_t height : {28, 32, 224}) {
    for (const std::int64_t layers : depths_for_height(height))
      EXPECT_TRUE(fits_blocked_plan(resnet_graph(layers, height, 10))) << layers << " " << height;
  }
}

TEST(BlockedGraph, WhatReadsTheInputPastItsNormDoesNotFit) {
  EXPECT_FALSE(fits_blocked_plan(changed("conv0", [](Graph&, Node& node) { node.inputs = {0}; })));
  EXPECT_FALSE(fits_blocked_plan(changed("bn_data", [](Graph&, Node& node) {
    node = {.op = Op::MaxPool, .inputs = {1}, .kernel = 1};
  })));
  EXPECT_FALSE(
      fits_blocked_plan(changed("_plus0", [](Graph&, Node& node) { node.inputs[1] = 0; })));
}

TEST(BlockedGraph, WhatIsNotFlattenedFromAnAverageDoesNotFit) {
  EXPECT_FALSE(fits_blocked_plan(changed(
      "flatten0", [](Graph& graph, Node& node) { node.inputs = {place_of(graph, "relu1")}; })));
  EXPECT_FALSE(
      fits_blocked_plan(changed("flatten0", [](Graph&, Node& node) { node.op = Op::Identity; })));
}

TEST(BlockedGraph, ANormWithoutItsRectifierAndFiltersOfHalfABlockDoNotFit) {
  EXPECT_FALSE(fits_blocked_plan(changed("relu1", [](Graph& graph, Node& node) {
    node.inputs = {place_of(graph, "stage1_unit1_bn1")};
  })));
  EXPECT_FALSE(fits_blocked_plan(changed("conv0", [](Graph&, Node& node) { node.filters = 8; })));
}

TEST(BlockedPlan, ASumOfMapsOfTwoShapesIsRefused) {
  if (!runs_blocked()) GTEST_SKIP() << "this CPU has no AVX-512";
  const Graph graph = changed("stage2_unit1_sc", [](Graph&, Node& node) { node.filters = 48; });
  ASSERT_TRUE(fits_blocked_plan(graph));
  EXPECT_THROW(BlockedPlan(graph, {.count = 1, .channels = 3, .height = 28, .width = 28}), Error);
}

}  // namespace
}  // namespace millrace::image_classification
