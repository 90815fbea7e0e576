#include "trainer/algorithms/image_classification/tensors/blocked_graph.h"

#include "trainer/convnet/blocked.h"

namespace millrace::image_classification {
namespace {

/// Whether the operation is followed by another that reads it.
bool next_is(const Graph& graph, std::size_t node, Op op) {
  return node + 1 < graph.nodes.size() && graph.nodes[node + 1].op == op &&
         graph.nodes[node + 1].inputs[0] == node;
}

/// Judges the nodes up to the flattening, each when those before it have been found to fit.
class Fit {
 public:
  explicit Fit(const Graph& graph) : graph_(graph), readers_(readers_of(graph)) {}

  [[nodiscard]] bool whole() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      if (!(input_norm_ == 0 ? leads_to_input_norm(i) : reads_what_is_computed(node) && fits(i)))
        return false;
      if (node.op == Op::Flatten) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] Op op_of(std::size_t node) const { return graph_.nodes[node].op; }
  [[nodiscard]] bool has_one_reader(std::size_t node) const { return readers_[node].size() == 1; }

  /// The input itself, copies of it, and the norm of it, which the first convolution alone reads.
  bool leads_to_input_norm(std::size_t i) {
    const Node& node = graph_.nodes[i];
    if (node.op == Op::Input || node.op == Op::Identity) return true;
    if (node.op != Op::BatchNorm || !node.fixed_gamma) return false;
    input_norm_ = i;
    return next_is(graph_, i, Op::Convolution) && has_one_reader(i);
  }

  /// Nothing of before the input's norm lies in memory of ours.
  [[nodiscard]] bool reads_what_is_computed(const Node& node) const {
    for (const std::size_t input : node.inputs)
      if (input < input_norm_) return false;
    return !node.inputs.empty();
  }

  [[nodiscard]] bool fits(std::size_t i) const {
    const Node& node = graph_.nodes[i];
    switch (node.op) {
      case Op::BatchNorm:
        return next_is(graph_, i, Op::Relu) && has_one_reader(i);
      case Op::Relu:
        return op_of(node.inputs[0]) == Op::BatchNorm && node.inputs[0] + 1 == i;
      case Op::Convolution:
        return node.filters % kLanes == 0;
      case Op::Add:
        // In place of a convolution's output, by the norm that comes next.
        return op_of(node.inputs[0]) == Op::Convolution && has_one_reader(node.inputs[0]) &&
               next_is(graph_, i, Op::BatchNorm);
      case Op::Flatten:
        return op_of(node.inputs[0]) == Op::GlobalAveragePool;
      case Op::MaxPool:
      case Op::GlobalAveragePool:
        return true;
      default:
        return false;
    }
  }

  const Graph& graph_;
  std::vector<std::vector<std::size_t>> readers_;
  std::size_t input_norm_ = 0;  ///< 0, which is the input, until it is found
};

}  // namespace

bool fits_blocked_plan(const Graph& graph) {
  return Fit(graph).whole();
}

std::vector<std::vector<std::size_t>> readers_of(const Graph& graph) {
  std::vector<std::vector<std::size_t>> readers(graph.nodes.size());
  for (std::size_t node = 0; node < graph.nodes.size(); ++node)
    for (const std::size_t input : graph.nodes[node].inputs) readers[input].push_back(node);
  return readers;
}

bool is_rectified_norm(const Graph& graph, std::size_t node) {
  return graph.nodes[node].op == Op::BatchNorm && graph.nodes[node + 1].op == Op::Relu;
}

}  // namespace millrace::image_classification
