#include "trainer/algorithms/image_classification/resnet.h"

#include <algorithm>
#include <map>
#include <string>

#include "core/base/check.h"

namespace millrace::image_classification {
namespace {

constexpr std::int64_t kSmallStemHeight = 32;

struct Plan {
  bool bottleneck = false;
  std::int64_t stem_filters = 0;
  std::vector<std::int64_t> filters;  ///< per stage
  std::vector<std::int64_t> units;    ///< per stage
};

const std::map<std::int64_t, std::vector<std::int64_t>>& imagenet_units() {
  static const std::map<std::int64_t, std::vector<std::int64_t>> units{
      {18, {2, 2, 2, 2}},   {34, {3, 4, 6, 3}},   {50, {3, 4, 6, 3}},
      {101, {3, 4, 23, 3}}, {152, {3, 8, 36, 3}}, {200, {3, 24, 36, 3}}};
  return units;
}

Plan plan_for(std::int64_t layers, std::int64_t height) {
  const std::vector<std::int64_t> allowed = depths_for_height(height);
  MILLRACE_CHECK(std::find(allowed.begin(), allowed.end(), layers) != allowed.end());
  if (!imagenet_units().contains(layers)) {
    const std::int64_t units = (layers - 2) / 6;
    return {.bottleneck = false,
            .stem_filters = 16,
            .filters = {16, 32, 64},
            .units = {units, units, units}};
  }
  const bool bottleneck = layers >= 50;
  return {.bottleneck = bottleneck,
          .stem_filters = 64,
          .filters = bottleneck ? std::vector<std::int64_t>{256, 512, 1024, 2048}
                                : std::vector<std::int64_t>{64, 128, 256, 512},
          .units = imagenet_units().at(layers)};
}

/// Appends nodes and answers their positions.
class Builder {
 public:
  std::size_t add(Node node) {
    graph.nodes.push_back(std::move(node));
    return graph.nodes.size() - 1;
  }
  std::size_t normalised(const std::string& name, std::size_t input) {
    return add({.op = Op::BatchNorm, .name = name, .inputs = {input}});
  }
  std::size_t rectified(const std::string& name, std::size_t input) {
    return add({.op = Op::Relu, .name = name, .inputs = {input}});
  }
  std::size_t convolved(const std::string& name, std::size_t input, std::int64_t filters,
                        std::int64_t kernel, std::int64_t stride) {
    return add({.op = Op::Convolution,
                .name = name,
                .inputs = {input},
                .filters = filters,
                .kernel = kernel,
                .stride = stride,
                .pad = kernel / 2});
  }

  /// Norm and rectifier first, then the convolution; the shortcut of a changing unit starts after
  /// the first rectifier.
  std::size_t unit(const std::string& name, std::size_t input, std::int64_t filters,
                   std::int64_t stride, bool changes, bool bottleneck) {
    const std::size_t first = rectified(name + "_relu1", normalised(name + "_bn1", input));
    std::size_t body = first;
    if (bottleneck) {
      body = convolved(name + "_conv1", body, filters / 4, 1, 1);
      body = rectified(name + "_relu2", normalised(name + "_bn2", body));
      body = convolved(name + "_conv2", body, filters / 4, 3, stride);
      body = rectified(name + "_relu3", normalised(name + "_bn3", body));
      body = convolved(name + "_conv3", body, filters, 1, 1);
    } else {
      body = convolved(name + "_conv1", body, filters, 3, stride);
      body = rectified(name + "_relu2", normalised(name + "_bn2", body));
      body = convolved(name + "_conv2", body, filters, 3, 1);
    }
    const std::size_t shortcut =
        changes ? convolved(name + "_sc", first, filters, 1, stride) : input;
    return add({.op = Op::Add,
                .name = "_plus" + std::to_string(additions_++),
                .inputs = {body, shortcut}});
  }

  Graph graph;

 private:
  int additions_ = 0;
};

}  // namespace

std::vector<std::int64_t> depths_for_height(std::int64_t height) {
  std::vector<std::int64_t> depths;
  if (height <= kSmallImageHeight) depths = {20, 32, 44, 56, 110};
  for (const auto& [depth, units] : imagenet_units()) depths.push_back(depth);
  return depths;
}

Graph resnet_graph(std::int64_t layers, std::int64_t height, std::int64_t classes,
                   bool multi_label) {
  const Plan plan = plan_for(layers, height);
  Builder net;
  std::size_t body = net.add({.op = Op::Input, .name = "data"});
  body = net.add({.op = Op::Identity, .name = "id", .inputs = {body}});
  body = net.add({.op = Op::BatchNorm, .name = "bn_data", .inputs = {body}, .fixed_gamma = true});
  if (height <= kSmallStemHeight) {
    body = net.convolved("conv0", body, plan.stem_filters, 3, 1);
  } else {
    body = net.convolved("conv0", body, plan.stem_filters, 7, 2);
    body = net.rectified("relu0", net.normalised("bn0", body));
    body = net.add({.op = Op::MaxPool,
                    .name = "pooling0",
                    .inputs = {body},
                    .kernel = 3,
                    .stride = 2,
                    .pad = 1});
  }
  for (std::size_t stage = 0; stage < plan.units.size(); ++stage) {
    for (std::int64_t unit = 0; unit < plan.units[stage]; ++unit) {
      const bool changes = unit == 0;
      const std::int64_t stride = changes && stage > 0 ? 2 : 1;
      body = net.unit("stage" + std::to_string(stage + 1) + "_unit" + std::to_string(unit + 1),
                      body, plan.filters[stage], stride, changes, plan.bottleneck);
    }
  }
  body = net.rectified("relu1", net.normalised("bn1", body));
  body = net.add({.op = Op::GlobalAveragePool, .name = "pool1", .inputs = {body}});
  body = net.add({.op = Op::Flatten, .name = "flatten0", .inputs = {body}});
  body = net.add({.op = Op::FullyConnected, .name = "fc1", .inputs = {body}, .filters = classes});
  // The name stays: MXNet's Module looks for labels as "softmax_label" unless it is told otherwise.
  net.add({.op = multi_label ? Op::Sigmoid : Op::Softmax, .name = "softmax", .inputs = {body}});
  return std::move(net.graph);
}

std::optional<std::int64_t> depth_of(const Graph& graph, std::int64_t height) {
  const auto outline = [](const Graph& network) {
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> arrays;
    for (const Parameter& parameter : parameters_of(network, /*input_channels=*/3))
      arrays.emplace_back(parameter.name, parameter.shape);
    return arrays;
  };
  for (const std::int64_t depth : depths_for_height(height)) {
    if (outline(resnet_graph(depth, height, class_count(graph))) == outline(graph)) return depth;
  }
  return std::nullopt;
}

}  // namespace millrace::image_classification
