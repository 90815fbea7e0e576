#include "trainer/algorithms/image_classification/symbol.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/error.h"
#include "trainer/algorithms/image_classification/resnet.h"

namespace millrace::image_classification {
namespace {

TEST(Symbol, ReadsBackAsTheSameNetwork) {
  for (const Graph& graph : {resnet_graph(20, 28, 10), resnet_graph(50, 224, 7)}) {
    const Graph back = parse_symbol(symbol_json(graph), "symbol");
    EXPECT_EQ(symbol_json(back), symbol_json(graph));
    EXPECT_EQ(parameters_of(back, 3).size(), parameters_of(graph, 3).size());
  }
}

TEST(Symbol, HasTheMembersMxnetReads) {
  const Json symbol = symbol_json(resnet_graph(20, 28, 10));
  EXPECT_EQ(symbol["nodes"][0].dump(), R"({"op":"null","name":"data","inputs":[]})");
  EXPECT_EQ(
      symbol["nodes"][6].dump(),
      R"({"op":"BatchNorm","name":"bn_data","attrs":{"eps":"2e-05","fix_gamma":"True","momentum":"0.9"},)"
      R"("inputs":[[1,0,0],[2,0,0],[3,0,0],[4,0,1],[5,0,1]]})");
  EXPECT_EQ(symbol["nodes"].back()["op"], "SoftmaxOutput");
  EXPECT_EQ(symbol["heads"][0][0], symbol["nodes"].size() - 1);
  EXPECT_EQ(symbol["node_row_ptr"].size(), symbol["nodes"].size() + 1);
  EXPECT_EQ(symbol["node_row_ptr"][7], 9);  // BatchNorm has three outputs
}

TEST(Symbol, TellsAMultiLabelNetworkByItsLastNode) {
  const Graph graph = resnet_graph(20, 28, 10, /*multi_label=*/true);
  const Json symbol = symbol_json(graph);
  EXPECT_EQ(symbol["nodes"].back()["op"], "LogisticRegressionOutput");
  EXPECT_EQ(symbol["nodes"][symbol["nodes"].size() - 2]["name"], "softmax_label");
  EXPECT_TRUE(is_multi_label(parse_symbol(symbol, "symbol")));
  EXPECT_FALSE(is_multi_label(parse_symbol(symbol_json(resnet_graph(20, 28, 10)), "symbol")));
  EXPECT_EQ(depth_of(graph, 28), 20);
}

TEST(Symbol, AnOperationThatIsNotOursIsRefusedByName) {
  Json symbol = symbol_json(resnet_graph(20, 28, 10));
  symbol["nodes"][6]["op"] = "LRN";
  try {
    (void)parse_symbol(symbol, "m-symbol.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "m-symbol.json, node 'bn_data': got \"LRN\", expected an operation of ResNet. "
                 "Use a model that image-classification has trained.");
  }
}

std::string refusal(const Json& symbol) {
  try {
    (void)parse_symbol(symbol, "m-symbol.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(Symbol, AWindowThatCannotMoveOrLiesOutsideIsRefused) {
  const Json symbol = symbol_json(resnet_graph(20, 28, 10));
  const auto changed = [&](const char* attribute, const char* value) {
    Json other = symbol;
    for (Json& node : other["nodes"])
      if (node["name"] == "conv0") node["attrs"][attribute] = value;
    return refusal(other);
  };
  EXPECT_EQ(
      changed("stride", "(0, 0)"),
      "m-symbol.json, node 'conv0': got \"kernel (3, 3), stride (0, 0), pad (1, 1)\", expected "
      "a kernel and a stride from 1 to 1024 and a pad below the kernel. Use a model that "
      "image-classification has trained.");
  EXPECT_NE(changed("kernel", "(0, 0)"), "accepted");
  EXPECT_NE(changed("pad", "(3, 3)"), "accepted");
  EXPECT_NE(changed("pad", "(4611686018427387904, 4611686018427387904)"), "accepted");
  EXPECT_NE(changed("num_filter", "0"), "accepted");
}

TEST(Symbol, WhatDoesNotEndInClassesIsRefused) {
  Json symbol = symbol_json(resnet_graph(20, 28, 10));
  // The softmax of the flattened features: there is a last layer of 10 classes, which nobody reads.
  std::size_t flat = 0;
  for (std::size_t i = 0; i < symbol["nodes"].size(); ++i)
    if (symbol["nodes"][i]["op"] == "Flatten") flat = i;
  symbol["nodes"].back()["inputs"][0][0] = flat;
  EXPECT_NE(refusal(symbol).find("a network that ends in Flatten, FullyConnected"),
            std::string::npos)
      << refusal(symbol);
}

}  // namespace
}  // namespace millrace::image_classification
