#include "trainer/algorithms/image_classification/tensors/network.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/check.h"
#include "core/base/error.h"
#include "trainer/algorithms/image_classification/tensors/batch_norm_relu.h"
#include "trainer/algorithms/image_classification/tensors/named_tensor.h"
#include "trainer/vision/random_stream.h"

namespace millrace::image_classification {
namespace {

/// Draws of the initial weights must not repeat those of the augmentation.
constexpr std::uint64_t kWeightStream = 0x77656967687473;

/// Normal deviates by Box and Muller from our own generator: the same weights with every libtorch.
torch::Tensor normal(const std::vector<std::int64_t>& shape, double deviation,
                     RandomStream& random) {
  torch::Tensor tensor = torch::empty(shape);
  auto* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); i += 2) {
    const double radius = deviation * std::sqrt(-2 * std::log(1 - random.uniform()));
    const double angle = 2 * 3.14159265358979323846 * random.uniform();
    values[i] = static_cast<float>(radius * std::cos(angle));
    if (i + 1 < tensor.numel()) values[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
  return tensor;
}

torch::Tensor initial(const Parameter& parameter, RandomStream& random) {
  switch (parameter.kind) {
    case ParameterKind::Weight: {
      const std::int64_t fan_in = parameter.size() / parameter.shape[0];
      return normal(parameter.shape, std::sqrt(2.0 / static_cast<double>(fan_in)), random);
    }
    case ParameterKind::Gamma:
    case ParameterKind::MovingVariance:
      return torch::ones(parameter.shape);
    default:
      return torch::zeros(parameter.shape);
  }
}

std::string saved_name(const Parameter& parameter) {
  return (parameter.is_auxiliary() ? "aux:" : "arg:") + parameter.name;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t extent : shape)
    text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text;
}

}  // namespace

Network::Network(Graph graph, std::int64_t input_channels, std::uint64_t seed, torch::Device device)
    : graph_(std::move(graph)),
      parameters_(parameters_of(graph_, input_channels)),
      device_(device),
      blocked_(device.is_cpu() && BlockedTrunk::runs(graph_)) {
  RandomStream random(seed, kWeightStream, 0);
  for (std::size_t i = 0; i < parameters_.size(); ++i) adopt(i, initial(parameters_[i], random));
}

Network::Network(Graph graph, std::int64_t input_channels, const std::vector<NamedArray>& arrays,
                 std::string_view origin, torch::Device device)
    : graph_(std::move(graph)),
      parameters_(parameters_of(graph_, input_channels)),
      device_(device),
      blocked_(device.is_cpu() && BlockedTrunk::runs(graph_)) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::string name = saved_name(parameters_[i]);
    const auto found = std::find_if(arrays.begin(), arrays.end(),
                                    [&](const NamedArray& array) { return array.name == name; });
    if (found == arrays.end() || found->shape != parameters_[i].shape) {
      throw Error(Blame::Customer,
                  Problem{.where = std::string(origin) + ", array '" + name + "'",
                          .given = found == arrays.end() ? "" : shape_text(found->shape),
                          .expected = shape_text(parameters_[i].shape),
                          .fix = "Use the .params file that belongs to this network."});
    }
    adopt(i, to_tensor(*found).clone());
  }
}

void Network::adopt(std::size_t parameter, const torch::Tensor& value) {
  const Parameter& known = parameters_[parameter];
  if (node_arrays_.empty()) {
    node_arrays_.resize(graph_.nodes.size());
    last_use_.resize(graph_.nodes.size());
    for (std::size_t node = 0; node < graph_.nodes.size(); ++node) {
      for (const std::size_t input : graph_.nodes[node].inputs) last_use_[input] = node;
    }
  }
  // Blocked trunks order the weights themselves. libtorch's own convolutions are fastest with
  // channels last.
  torch::Tensor ours = value.dim() == 4 && !blocked_
                           ? value.contiguous(at::MemoryFormat::ChannelsLast)
                           : value.clone();
  ours = ours.to(device_);
  ours.set_requires_grad(!known.is_auxiliary() && !(known.kind == ParameterKind::Gamma &&
                                                    graph_.nodes[known.node].fixed_gamma));
  values_.push_back(ours);
  node_arrays_[known.node].push_back(parameter);
}

const torch::Tensor& Network::array(std::size_t node, ParameterKind kind) const {
  for (const std::size_t i : node_arrays_[node]) {
    if (parameters_[i].kind == kind) return values_[i];
  }
  check_failed("the node owns an array of this kind", __FILE__, __LINE__);
}

std::vector<TrainedTensor> Network::trained() const {
  std::vector<TrainedTensor> tensors;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const ParameterKind kind = parameters_[i].kind;
    if (!values_[i].requires_grad()) continue;
    tensors.push_back({.value = values_[i],
                       .decays = kind == ParameterKind::Weight || kind == ParameterKind::Gamma});
  }
  return tensors;
}

std::vector<NamedArray> Network::arrays() const {
  std::vector<NamedArray> arrays;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    arrays.push_back(to_array(saved_name(parameters_[i]), values_[i]));
  }
  return arrays;
}

torch::Tensor Network::logits(const torch::Tensor& images, bool training) {
  if (training) return evaluate(images, true);
  const at::NoGradGuard no_grad;
  return evaluate(images, false);
}

torch::Tensor Network::normalised(std::size_t node, const torch::Tensor& x, bool rectified,
                                  bool training) {
  const BatchNormTensors arrays{.gamma = array(node, ParameterKind::Gamma),
                                .beta = array(node, ParameterKind::Beta),
                                .moving_mean = array(node, ParameterKind::MovingMean),
                                .moving_variance = array(node, ParameterKind::MovingVariance)};
  if (rectified && device_.is_cpu()) return batch_norm_relu(x, arrays, training);
  const torch::Tensor y =
      at::batch_norm(x, arrays.gamma, arrays.beta, arrays.moving_mean, arrays.moving_variance,
                     training, 1 - kBatchNormMomentum, kBatchNormEps, /*cudnn_enabled=*/true);
  return rectified ? y.relu() : y;
}

BlockedTrunk& Network::trunk_for(const torch::Tensor& images, bool training) {
  const BlockedBatch batch{.count = images.size(0),
                           .channels = images.size(1),
                           .height = images.size(2),
                           .width = images.size(3),
                           .training = training};
  std::unique_ptr<BlockedTrunk>& trunk = trunks_[batch];
  if (!trunk) {
    // Those of training stay; of the others, which a last short batch makes many, one.
    std::erase_if(trunks_, [&](const auto& other) {
      return other.second && !other.first.training && !training;
    });
    trunk = std::make_unique<BlockedTrunk>(graph_, batch);
  }
  return *trunk;
}

torch::Tensor Network::evaluate(const torch::Tensor& images, bool training) {
  std::vector<torch::Tensor> outputs(graph_.nodes.size());
  std::size_t first = 0;
  if (blocked_) {
    BlockedTrunk& trunk = trunk_for(images, training);
    outputs[trunk.last()] = trunk.features(images, values_);
    first = trunk.last() + 1;
  }
  for (std::size_t i = first; i < graph_.nodes.size(); ++i) {
    const Node& node = graph_.nodes[i];
    const auto input = [&](std::size_t k) -> torch::Tensor& { return outputs[node.inputs[k]]; };
    switch (node.op) {
      case Op::Input:
        outputs[i] = images;
        break;
      case Op::Identity:
        outputs[i] = input(0);
        break;
      case Op::Convolution:
        outputs[i] =
            at::conv2d(input(0), array(i, ParameterKind::Weight), {}, node.stride, node.pad);
        break;
      case Op::BatchNorm: {
        // A norm that only a rectifier reads is computed together with it.
        const bool rectified = i + 1 < graph_.nodes.size() && graph_.nodes[i + 1].op == Op::Relu &&
                               graph_.nodes[i + 1].inputs[0] == i && last_use_[i] == i + 1;
        outputs[i] = normalised(i, input(0), rectified, training);
        if (rectified) outputs[i + 1] = outputs[i];
        break;
      }
      case Op::Relu:
        if (!outputs[i].defined()) outputs[i] = input(0).relu();
        break;
      case Op::MaxPool:
        outputs[i] = at::max_pool2d(input(0), node.kernel, node.stride, node.pad);
        break;
      case Op::GlobalAveragePool:
        outputs[i] = input(0).mean({2, 3}, /*keepdim=*/true);
        break;
      case Op::Flatten:
        outputs[i] = input(0).flatten(1);
        break;
      case Op::FullyConnected:
        outputs[i] =
            at::linear(input(0), array(i, ParameterKind::Weight), array(i, ParameterKind::Bias));
        break;
      case Op::Add:
        // Into the convolution's output, which nobody else reads and no gradient needs.
        outputs[i] =
            graph_.nodes[node.inputs[0]].op == Op::Convolution && last_use_[node.inputs[0]] == i
                ? input(0).add_(input(1))
                : input(0) + input(1);
        break;
      case Op::Softmax:
      case Op::Sigmoid:
        return input(0);
    }
    // Evaluation holds only what is still to be read; in training autograd keeps what it needs.
    for (const std::size_t read : node.inputs) {
      if (last_use_[read] == i) outputs[read].reset();
    }
  }
  return outputs.back();
}

}  // namespace millrace::image_classification
