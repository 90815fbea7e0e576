#include "trainer/algorithms/image_classification/graph.h"

#include <numeric>

namespace millrace::image_classification {

std::int64_t Parameter::size() const {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::vector<std::pair<std::string, ParameterKind>> own_arrays(const Node& node) {
  switch (node.op) {
    case Op::Convolution:
      return {{"_weight", ParameterKind::Weight}};
    case Op::FullyConnected:
      return {{"_weight", ParameterKind::Weight}, {"_bias", ParameterKind::Bias}};
    case Op::BatchNorm:
      return {{"_gamma", ParameterKind::Gamma},
              {"_beta", ParameterKind::Beta},
              {"_moving_mean", ParameterKind::MovingMean},
              {"_moving_var", ParameterKind::MovingVariance}};
    default:
      return {};
  }
}

std::vector<Parameter> parameters_of(const Graph& graph, std::int64_t input_channels) {
  std::vector<Parameter> parameters;
  std::vector<std::int64_t> channels(graph.nodes.size(), input_channels);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const std::int64_t in = node.inputs.empty() ? input_channels : channels[node.inputs[0]];
    channels[i] = node.filters > 0 ? node.filters : in;
    for (const auto& [suffix, kind] : own_arrays(node)) {
      std::vector<std::int64_t> shape{channels[i]};
      if (kind == ParameterKind::Weight && node.op == Op::Convolution)
        shape = {node.filters, in, node.kernel, node.kernel};
      if (kind == ParameterKind::Weight && node.op == Op::FullyConnected)
        shape = {node.filters, in};
      parameters.push_back(
          {.name = node.name + suffix, .kind = kind, .shape = std::move(shape), .node = i});
    }
  }
  return parameters;
}

std::int64_t class_count(const Graph& graph) {
  std::int64_t classes = 0;
  for (const Node& node : graph.nodes) {
    if (node.op == Op::FullyConnected) classes = node.filters;
  }
  return classes;
}

bool is_multi_label(const Graph& graph) {
  return !graph.nodes.empty() && graph.nodes.back().op == Op::Sigmoid;
}

}  // namespace millrace::image_classification
