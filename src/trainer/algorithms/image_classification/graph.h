#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace millrace::image_classification {

enum class Op {
  Input,
  Identity,
  Convolution,
  BatchNorm,
  Relu,
  MaxPool,
  GlobalAveragePool,
  Flatten,
  FullyConnected,
  Add,
  Softmax,  ///< the end of a network of one label per image
  Sigmoid   ///< the end of a multi-label network
};

/// One operation. Inputs are positions of earlier nodes. Convolutions and pools are square.
struct Node {
  Op op{};
  std::string name;
  std::vector<std::size_t> inputs;
  std::int64_t filters = 0;  ///< output width of Convolution and FullyConnected
  std::int64_t kernel = 0;
  std::int64_t stride = 1;
  std::int64_t pad = 0;
  bool fixed_gamma = false;  ///< BatchNorm whose gamma is 1 and stays so
};

/// A feed-forward network as data, in the order of evaluation: the first node is the input, the
/// last the softmax or sigmoid. The same value is trained, counted and written as the artifact's
/// MXNet symbol.
struct Graph {
  std::vector<Node> nodes;
};

enum class ParameterKind { Weight, Bias, Gamma, Beta, MovingMean, MovingVariance };

/// One array of a network, under its MXNet name ("stage1_unit1_conv1_weight").
struct Parameter {
  std::string name;
  ParameterKind kind{};
  std::vector<std::int64_t> shape;
  std::size_t node = 0;
  [[nodiscard]] std::int64_t size() const;
  /// MXNet keeps moving statistics apart from what is trained: "aux:" against "arg:".
  [[nodiscard]] bool is_auxiliary() const {
    return kind == ParameterKind::MovingMean || kind == ParameterKind::MovingVariance;
  }
};

/// Suffixes of the arrays an operation owns, in MXNet's order of inputs.
std::vector<std::pair<std::string, ParameterKind>> own_arrays(const Node& node);

/// Every array of the network for an input of so many channels, in the order of evaluation.
std::vector<Parameter> parameters_of(const Graph& graph, std::int64_t input_channels);

/// Width of the last fully connected layer.
std::int64_t class_count(const Graph& graph);

/// Whether each class has a probability of its own.
bool is_multi_label(const Graph& graph);

inline constexpr double kBatchNormEps = 2e-5;
inline constexpr double kBatchNormMomentum = 0.9;

}  // namespace millrace::image_classification
