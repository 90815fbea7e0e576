#include "trainer/algorithms/image_classification/symbol.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::image_classification {
namespace {

/// MXNet runs no version check on this; 1.3.0 is what the original container is built on.
constexpr int kMxnetVersion = 10300;
/// No network of ours comes near it, and sizes that are computed from extents stay whole numbers.
constexpr std::int64_t kMaxExtent = 1024;

std::string pair_text(std::int64_t value) {
  return "(" + std::to_string(value) + ", " + std::to_string(value) + ")";
}

std::string_view mxnet_op(const Node& node) {
  switch (node.op) {
    case Op::Input:
      return "null";
    case Op::Identity:
      return "_copy";
    case Op::Convolution:
      return "Convolution";
    case Op::BatchNorm:
      return "BatchNorm";
    case Op::Relu:
      return "Activation";
    case Op::MaxPool:
    case Op::GlobalAveragePool:
      return "Pooling";
    case Op::Flatten:
      return "Flatten";
    case Op::FullyConnected:
      return "FullyConnected";
    case Op::Add:
      return "elemwise_add";
    case Op::Softmax:
      return "SoftmaxOutput";
    case Op::Sigmoid:
      return "LogisticRegressionOutput";
  }
  return {};
}

Json mxnet_attributes(const Node& node) {
  switch (node.op) {
    case Op::Convolution:
      return {{"kernel", pair_text(node.kernel)},
              {"no_bias", "True"},
              {"num_filter", std::to_string(node.filters)},
              {"pad", pair_text(node.pad)},
              {"stride", pair_text(node.stride)}};
    case Op::BatchNorm:
      return {{"eps", number_text(kBatchNormEps)},
              {"fix_gamma", node.fixed_gamma ? "True" : "False"},
              {"momentum", number_text(kBatchNormMomentum)}};
    case Op::Relu:
      return {{"act_type", "relu"}};
    case Op::MaxPool:
      return {{"kernel", pair_text(node.kernel)},
              {"pad", pair_text(node.pad)},
              {"pool_type", "max"},
              {"stride", pair_text(node.stride)}};
    case Op::GlobalAveragePool:
      return {{"global_pool", "True"}, {"kernel", "(7, 7)"}, {"pool_type", "avg"}};
    case Op::FullyConnected:
      return {{"num_hidden", std::to_string(node.filters)}};
    default:
      return Json::object();
  }
}

/// MXNet's BatchNorm declares mean and variance as further outputs, which count in node_row_ptr.
std::int64_t output_count(const Node& node) {
  return node.op == Op::BatchNorm ? 3 : 1;
}

/// Reads one symbol node by node; knows the node it is at.
class SymbolReader {
 public:
  SymbolReader(const Json& symbol, std::string_view origin) : symbol_(symbol), origin_(origin) {}

  Graph read() {
    const Json& nodes = require(symbol_, "nodes", origin_);
    if (!nodes.is_array()) refuse("nodes", to_text(nodes), "a list of nodes");
    for (std::size_t i = 0; i < nodes.size(); ++i) read_node(i, nodes[i]);
    if (!ends_in_classes()) {
      refuse("nodes", {},
             "a network that ends in Flatten, FullyConnected and then SoftmaxOutput or "
             "LogisticRegressionOutput");
    }
    return std::move(graph_);
  }

 private:
  [[noreturn]] void refuse(std::string_view node, std::string given, std::string expected) const {
    throw Error(Blame::Customer,
                Problem{.where = std::string(origin_) + ", node '" + std::string(node) + "'",
                        .given = std::move(given),
                        .expected = std::move(expected),
                        .fix = "Use a model that image-classification has trained."});
  }

  /// Else its scores would not be those of class_count() classes.
  [[nodiscard]] bool ends_in_classes() const {
    if (graph_.nodes.empty()) return false;
    const Node& last = graph_.nodes.back();
    if (last.op != Op::Softmax && last.op != Op::Sigmoid) return false;
    const Node& connected = graph_.nodes[last.inputs[0]];
    return connected.op == Op::FullyConnected &&
           graph_.nodes[connected.inputs[0]].op == Op::Flatten;
  }

  void read_node(std::size_t index, const Json& json) {
    Node node;
    node.name = require_string(json, "name", origin_);
    const std::string op = require_string(json, "op", origin_);
    attributes_ = json.contains("attrs")
                      ? json["attrs"]
                      : (json.contains("param") ? json["param"] : Json::object());
    if (op == "null") {
      // Arrays and the label are inputs of the nodes that own them, not nodes of ours.
      if (!graph_.nodes.empty()) return;
      node.op = Op::Input;
      add(index, std::move(node));
      return;
    }
    if (op == "_copy" || op == "identity")
      node.op = Op::Identity;
    else if (op == "Convolution")
      node.op = Op::Convolution;
    else if (op == "BatchNorm")
      node.op = Op::BatchNorm;
    else if (op == "Activation" && text("act_type", "") == "relu")
      node.op = Op::Relu;
    else if (op == "Pooling")
      node.op = text("global_pool", "False") == "True" ? Op::GlobalAveragePool : Op::MaxPool;
    else if (op == "Flatten")
      node.op = Op::Flatten;
    else if (op == "FullyConnected")
      node.op = Op::FullyConnected;
    else if (op == "elemwise_add" || op == "_Plus" || op == "_plus")
      node.op = Op::Add;
    else if (op == "SoftmaxOutput")
      node.op = Op::Softmax;
    else if (op == "LogisticRegressionOutput")
      node.op = Op::Sigmoid;
    else
      refuse(node.name, op, "an operation of ResNet");

    if (node.op == Op::Convolution || node.op == Op::MaxPool) {
      node.kernel = square(node.name, "kernel", 1);
      node.stride = square(node.name, "stride", 1);
      node.pad = square(node.name, "pad", 0);
      check_window(node);
    }
    if (node.op == Op::Convolution) node.filters = width(node.name, text("num_filter", ""));
    if (node.op == Op::FullyConnected) node.filters = width(node.name, text("num_hidden", ""));
    if (node.op == Op::BatchNorm) node.fixed_gamma = text("fix_gamma", "True") == "True";
    for (const Json& input : require(json, "inputs", origin_)) {
      if (!input.is_array() || input.empty() || !input[0].is_number_integer())
        refuse(node.name, to_text(input), "[node, output, version]");
      const auto found = position_.find(input[0].get<std::size_t>());
      if (found != position_.end()) node.inputs.push_back(found->second);
    }
    if (node.inputs.size() != (node.op == Op::Add ? 2U : 1U))
      refuse(node.name, std::to_string(node.inputs.size()) + " inputs", "the inputs of " + op);
    add(index, std::move(node));
  }

  void add(std::size_t index, Node node) {
    position_[index] = graph_.nodes.size();
    graph_.nodes.push_back(std::move(node));
  }

  std::string text(const char* name, const char* otherwise) const {
    return attributes_.contains(name) && attributes_[name].is_string()
               ? attributes_[name].get<std::string>()
               : otherwise;
  }
  std::int64_t whole(const std::string& node, std::string_view value) const {
    const auto number = parse_int(value);
    if (!number || *number < 0) refuse(node, std::string(value), "a whole number");
    return *number;
  }
  [[nodiscard]] std::int64_t width(const std::string& node, const std::string& value) const {
    const std::int64_t number = whole(node, value);
    if (number < 1) refuse(node, value, "at least one output");
    return number;
  }
  /// Every window of it must hold a place of the map.
  void check_window(const Node& node) const {
    if (node.kernel >= 1 && node.kernel <= kMaxExtent && node.stride >= 1 &&
        node.stride <= kMaxExtent && node.pad < node.kernel)
      return;
    refuse(node.name,
           "kernel " + pair_text(node.kernel) + ", stride " + pair_text(node.stride) + ", pad " +
               pair_text(node.pad),
           "a kernel and a stride from 1 to " + std::to_string(kMaxExtent) +
               " and a pad below the kernel");
  }
  /// "(3, 3)"
  std::int64_t square(const std::string& node, const char* name, std::int64_t otherwise) const {
    const std::string value = text(name, "");
    if (value.empty()) return otherwise;
    const std::string_view inner = trim(std::string_view(value).substr(1, value.size() - 2));
    const auto parts = split(inner, ',');
    if (parts.size() != 2 || trim(parts[0]) != trim(parts[1]))
      refuse(node, value, "a square such as (3, 3)");
    return whole(node, trim(parts[0]));
  }

  const Json& symbol_;
  std::string_view origin_;
  Json attributes_;
  Graph graph_;
  std::map<std::size_t, std::size_t> position_;  // node of the file -> node of ours
};

}  // namespace

Json symbol_json(const Graph& graph) {
  Json nodes = Json::array(), arguments = Json::array(), rows = Json::array({0});
  std::vector<std::size_t> position;  // node of ours -> node of the file
  std::int64_t outputs = 0;
  const auto add = [&](Json node, std::int64_t count) {
    nodes.push_back(std::move(node));
    outputs += count;
    rows.push_back(outputs);
    return nodes.size() - 1;
  };
  const auto add_variable = [&](const std::string& name, Json attributes) {
    Json node{{"op", "null"}, {"name", name}};
    if (!attributes.empty()) node["attrs"] = std::move(attributes);
    node["inputs"] = Json::array();
    arguments.push_back(nodes.size());
    return add(std::move(node), 1);
  };
  for (const Node& node : graph.nodes) {
    if (node.op == Op::Input) {
      position.push_back(add_variable(node.name, Json::object()));
      continue;
    }
    Json inputs = Json::array();
    for (const std::size_t input : node.inputs) inputs.push_back({position[input], 0, 0});
    for (const auto& [suffix, kind] : own_arrays(node)) {
      const bool moving =
          kind == ParameterKind::MovingMean || kind == ParameterKind::MovingVariance;
      Json attributes = mxnet_attributes(node);
      if (moving)
        attributes["__init__"] =
            kind == ParameterKind::MovingMean ? R"(["zero", {}])" : R"(["one", {}])";
      // An array that the operation changes is read in its version 1.
      inputs.push_back(
          {add_variable(node.name + suffix, std::move(attributes)), 0, moving ? 1 : 0});
    }
    if (node.op == Op::Softmax || node.op == Op::Sigmoid)
      inputs.push_back({add_variable(node.name + "_label", Json::object()), 0, 0});
    Json entry{{"op", mxnet_op(node)}, {"name", node.name}};
    if (Json attributes = mxnet_attributes(node); !attributes.empty())
      entry["attrs"] = std::move(attributes);
    entry["inputs"] = std::move(inputs);
    position.push_back(add(std::move(entry), output_count(node)));
  }
  return {{"nodes", std::move(nodes)},
          {"arg_nodes", std::move(arguments)},
          {"node_row_ptr", std::move(rows)},
          {"heads", Json::array({Json::array({position.back(), 0, 0})})},
          {"attrs", {{"mxnet_version", Json::array({"int", kMxnetVersion})}}}};
}

Graph parse_symbol(const Json& symbol, std::string_view origin) {
  return SymbolReader(symbol, origin).read();
}

}  // namespace millrace::image_classification
