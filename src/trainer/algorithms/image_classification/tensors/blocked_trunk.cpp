#include "trainer/algorithms/image_classification/tensors/blocked_trunk.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "core/base/check.h"
#include "trainer/convnet/batch_norm.h"
#include "trainer/convnet/convolution.h"
#include "trainer/convnet/input_norm.h"
#include "trainer/convnet/pooling.h"

namespace millrace::image_classification {
namespace {

constexpr BatchNormSettings kNorm{.eps = kBatchNormEps, .momentum = kBatchNormMomentum};

/// Memory for values that live for a part of a step: what one gives back, the next may take.
class Buffers {
 public:
  float* take(std::int64_t size) {
    auto best = free_.end();
    for (auto it = free_.begin(); it != free_.end(); ++it) {
      if (sizes_[*it] >= size && (best == free_.end() || sizes_[*it] < sizes_[*best])) best = it;
    }
    if (best != free_.end()) {
      float* buffer = *best;
      free_.erase(best);
      return buffer;
    }
    owned_.push_back(torch::empty({size}));
    auto* buffer = owned_.back().data_ptr<float>();
    sizes_[buffer] = size;
    return buffer;
  }
  void give(float* buffer) { free_.push_back(buffer); }

 private:
  std::vector<torch::Tensor> owned_;
  std::map<float*, std::int64_t> sizes_;
  std::vector<float*> free_;
};

/// The nodes that read each node's output.
std::vector<std::vector<std::size_t>> readers_of(const Graph& graph) {
  std::vector<std::vector<std::size_t>> readers(graph.nodes.size());
  for (std::size_t node = 0; node < graph.nodes.size(); ++node)
    for (const std::size_t input : graph.nodes[node].inputs) readers[input].push_back(node);
  return readers;
}

/// Whether one operation is followed by another that reads it.
bool next_is(const Graph& graph, std::size_t i, Op op) {
  return i + 1 < graph.nodes.size() && graph.nodes[i + 1].op == op &&
         graph.nodes[i + 1].inputs[0] == i;
}

}  // namespace

bool BlockedTrunk::runs(const Graph& graph) {
  if (!runs_blocked()) return false;
  const std::vector<std::vector<std::size_t>> readers = readers_of(graph);
  bool input_normalised = false, flattened = false;
  for (std::size_t i = 0; i < graph.nodes.size() && !flattened; ++i) {
    const Node& node = graph.nodes[i];
    switch (node.op) {
      case Op::BatchNorm:
        if (!input_normalised && node.fixed_gamma && next_is(graph, i, Op::Convolution))
          input_normalised = true;
        else if (!next_is(graph, i, Op::Relu) || readers[i].size() != 1)
          return false;
        break;
      case Op::Relu:
        if (graph.nodes[node.inputs[0]].op != Op::BatchNorm) return false;
        break;
      case Op::Convolution:
        if (!input_normalised || node.filters % kLanes != 0) return false;
        break;
      case Op::Add:
        // In place of a convolution's output, by the norm that comes next.
        if (graph.nodes[node.inputs[0]].op != Op::Convolution ||
            readers[node.inputs[0]].size() != 1 || !next_is(graph, i, Op::BatchNorm))
          return false;
        break;
      case Op::Flatten:
        flattened = true;
        break;
      default:
        break;
    }
  }
  return flattened;
}

/// Where each node's value and gradient lie, and the layers that compute them.
class BlockedTrunk::Plan {
 public:
  Plan(const Graph& graph, const Batch& batch)
      : graph_(graph), batch_(batch), readers_(readers_of(graph)), nodes_(graph.nodes.size()) {
    const std::vector<Parameter> parameters = parameters_of(graph, batch.channels);
    for (std::size_t i = 0; i < parameters.size(); ++i)
      nodes_[parameters[i].node].arrays.emplace(parameters[i].kind, i);
    lay_out_values();
    if (batch.training) lay_out_gradients();
    workspace_ = torch::empty({std::max<std::int64_t>(1, workspace_bytes_)}, torch::kUInt8);
  }

  torch::Tensor forward(const torch::Tensor& images, const std::vector<torch::Tensor>& values);
  std::vector<torch::Tensor> backward(const torch::Tensor& dfeatures,
                                      const std::vector<torch::Tensor>& values);
  [[nodiscard]] std::size_t last() const { return last_; }

 private:
  struct NodePlan {
    BlockedShape shape;         ///< of the output
    float* value = nullptr;     ///< of the output
    float* gradient = nullptr;  ///< of the loss for the output
    bool adds = false;         ///< a norm whose gradient is added to one that its input has already
    float* scratch = nullptr;  ///< a convolution's, where its input's gradient is not the first
    std::map<ParameterKind, std::size_t> arrays;  ///< positions among the parameters
    std::optional<Convolution> convolution;
    std::int64_t weights_version = 0;  ///< of those it holds, plus 1
    std::optional<BatchNormRelu> norm;
    std::optional<MaxPool> pool;
  };

  [[nodiscard]] bool is_first_convolution(std::size_t i) const {
    return graph_.nodes[i].op == Op::Convolution &&
           !nodes_[graph_.nodes[i].inputs[0]].shape.blocked();
  }
  /// All but the input's.
  [[nodiscard]] bool is_rectified_norm(std::size_t i) const {
    return graph_.nodes[i + 1].op == Op::Relu;
  }

  void lay_out_values();
  void lay_out_gradients();

  BatchNormArrays norm_arrays(std::size_t node, const std::vector<torch::Tensor>& values) const {
    const auto data = [&](ParameterKind kind) {
      return values[nodes_[node].arrays.at(kind)].data_ptr<float>();
    };
    return {.gamma = data(ParameterKind::Gamma),
            .beta = data(ParameterKind::Beta),
            .moving_mean = data(ParameterKind::MovingMean),
            .moving_variance = data(ParameterKind::MovingVariance)};
  }

  const Graph graph_;
  const Batch batch_;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<NodePlan> nodes_;
  std::size_t last_ = 0;
  Buffers buffers_;
  std::int64_t workspace_bytes_ = 0;
  torch::Tensor workspace_;
};

void BlockedTrunk::Plan::lay_out_values() {
  // A sum lies where its convolution wrote and a norm's input where it is, so several nodes share
  // one buffer; `owner` is the first of them.
  const std::size_t count = graph_.nodes.size();
  std::vector<std::size_t> owner(count), last_read(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Node& node = graph_.nodes[i];
    const bool shares = node.op == Op::Add || node.op == Op::Flatten || node.op == Op::Identity ||
                        (node.op == Op::BatchNorm && is_rectified_norm(i));
    owner[i] = shares ? owner[node.inputs[0]] : i;
    for (const std::size_t input : node.inputs) {
      // The norm behind a sum adds it up when its rectifier's turn comes.
      const std::size_t when = node.op == Op::Add ? i + 2 : i;
      last_read[owner[input]] = std::max(last_read[owner[input]], when);
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Node& node = graph_.nodes[i];
    NodePlan& plan = nodes_[i];
    if (node.op == Op::Input) {
      plan.shape = {batch_.count, batch_.channels, batch_.height, batch_.width};
      continue;
    }
    const NodePlan& in = nodes_[node.inputs[0]];
    plan.shape = in.shape;
    if (node.op == Op::Convolution) {
      plan.convolution.emplace(ConvolutionSettings{.input = in.shape,
                                                   .filters = node.filters,
                                                   .kernel = node.kernel,
                                                   .stride = node.stride,
                                                   .pad = node.pad,
                                                   .training = batch_.training});
      plan.shape = plan.convolution->output();
      workspace_bytes_ = std::max(workspace_bytes_,
                                  static_cast<std::int64_t>(plan.convolution->workspace_bytes()));
    } else if (node.op == Op::BatchNorm && is_rectified_norm(i)) {
      plan.norm.emplace(plan.shape, kNorm);
    } else if (node.op == Op::MaxPool) {
      plan.pool.emplace(in.shape, node.kernel, node.stride, node.pad);
      plan.shape = plan.pool->output();
    } else if (node.op == Op::GlobalAveragePool) {
      plan.shape.height = plan.shape.width = 1;
    }
    plan.value = owner[i] == i ? buffers_.take(plan.shape.size()) : nodes_[owner[i]].value;
    if (node.op == Op::Flatten) {
      last_ = i;
      return;
    }
    // In training every value is kept for the backward pass.
    for (std::size_t done = 0; !batch_.training && done <= i; ++done)
      if (owner[done] == done && last_read[done] == i && nodes_[done].value != nullptr)
        buffers_.give(nodes_[done].value);
  }
}

void BlockedTrunk::Plan::lay_out_gradients() {
  // Backwards, as backward() runs. A sum hands its gradient to both of its inputs without a copy,
  // so buffers are counted. Adding to a handed one is safe because whoever else reads it, being
  // later in the network, has done so by then.
  std::map<float*, int> holders;
  const auto hand = [&](std::size_t node, float* buffer) {
    nodes_[node].gradient = buffer;
    ++holders[buffer];
  };
  const auto release = [&](float* buffer) {
    if (--holders[buffer] == 0) buffers_.give(buffer);
  };
  hand(last_, buffers_.take(nodes_[last_].shape.size()));
  for (std::size_t i = last_; i > 0; --i) {
    const Node& node = graph_.nodes[i];
    NodePlan& plan = nodes_[i];
    NodePlan& in = nodes_[node.inputs[0]];
    if (plan.gradient == nullptr) continue;
    switch (node.op) {
      case Op::Flatten:
      case Op::Relu:
        hand(node.inputs[0], plan.gradient);
        break;
      case Op::BatchNorm:
        plan.adds = in.gradient != nullptr;
        if (!plan.adds) hand(node.inputs[0], plan.gradient);
        break;
      case Op::Add:
        for (const std::size_t input : node.inputs) {
          MILLRACE_CHECK(nodes_[input].gradient == nullptr);
          hand(input, plan.gradient);
        }
        break;
      case Op::Convolution:
        if (is_first_convolution(i)) break;
        if (in.gradient == nullptr) {
          hand(node.inputs[0], buffers_.take(in.shape.size()));
        } else {
          plan.scratch = buffers_.take(in.shape.size());
          buffers_.give(plan.scratch);
        }
        break;
      default:
        MILLRACE_CHECK(in.gradient == nullptr);
        hand(node.inputs[0], buffers_.take(in.shape.size()));
    }
    release(plan.gradient);
  }
}

torch::Tensor BlockedTrunk::Plan::forward(const torch::Tensor& images,
                                          const std::vector<torch::Tensor>& values) {
  void* workspace = workspace_.data_ptr();
  for (std::size_t i = 0; i <= last_; ++i) {
    const Node& node = graph_.nodes[i];
    NodePlan& plan = nodes_[i];
    switch (node.op) {
      case Op::Convolution: {
        const torch::Tensor& weights = values[plan.arrays.at(ParameterKind::Weight)];
        // The optimiser changes them in place, which libtorch counts.
        if (plan.weights_version != weights._version() + 1) {
          plan.convolution->set_weights(weights.data_ptr<float>());
          plan.weights_version = weights._version() + 1;
        }
        plan.convolution->forward(nodes_[node.inputs[0]].value, plan.value, workspace);
        break;
      }
      case Op::BatchNorm:
        if (!plan.norm)
          normalise_input(plan.shape, kNorm, images.data_ptr<float>(), norm_arrays(i, values),
                          batch_.training, plan.value);
        break;
      case Op::Relu: {
        const std::size_t norm = node.inputs[0], input = graph_.nodes[norm].inputs[0];
        const float* addend = graph_.nodes[input].op == Op::Add
                                  ? nodes_[graph_.nodes[input].inputs[1]].value
                                  : nullptr;
        nodes_[norm].norm->forward(nodes_[norm].value, addend, norm_arrays(norm, values),
                                   batch_.training, plan.value);
        break;
      }
      case Op::MaxPool:
        plan.pool->forward(nodes_[node.inputs[0]].value, plan.value, batch_.training);
        break;
      case Op::GlobalAveragePool:
        average_maps(nodes_[node.inputs[0]].shape, nodes_[node.inputs[0]].value, plan.value);
        break;
      default:
        break;  // lies where its input does
    }
  }
  const NodePlan& plan = nodes_[last_];
  return torch::from_blob(plan.value, {plan.shape.count, plan.shape.channels}).clone();
}

std::vector<torch::Tensor> BlockedTrunk::Plan::backward(const torch::Tensor& dfeatures,
                                                        const std::vector<torch::Tensor>& values) {
  void* workspace = workspace_.data_ptr();
  std::vector<torch::Tensor> gradients(values.size());
  const auto gradient = [&](std::size_t node, ParameterKind kind) {
    const std::size_t i = nodes_[node].arrays.at(kind);
    gradients[i] = torch::empty_like(values[i]);
    return gradients[i].data_ptr<float>();
  };
  const NodePlan& top = nodes_[last_];
  torch::from_blob(top.gradient, dfeatures.sizes()).copy_(dfeatures);
  for (std::size_t i = last_; i > 0; --i) {
    const Node& node = graph_.nodes[i];
    NodePlan& plan = nodes_[i];
    if (plan.gradient == nullptr) continue;
    NodePlan& in = nodes_[node.inputs[0]];
    switch (node.op) {
      case Op::Convolution: {
        plan.convolution->weight_gradient(in.value, plan.gradient,
                                          gradient(i, ParameterKind::Weight), workspace);
        if (is_first_convolution(i)) {
          input_beta_gradient(
              in.shape, plan.shape,
              {.weights = values[plan.arrays.at(ParameterKind::Weight)].data_ptr<float>(),
               .kernel = node.kernel,
               .stride = node.stride,
               .pad = node.pad},
              plan.gradient, gradient(node.inputs[0], ParameterKind::Beta));
          break;
        }
        plan.convolution->input_gradient(
            plan.gradient, plan.scratch != nullptr ? plan.scratch : in.gradient, workspace);
        if (plan.scratch != nullptr) add_maps(in.shape, plan.scratch, in.gradient);
        break;
      }
      case Op::BatchNorm:
        plan.norm->backward(plan.value, plan.gradient, in.gradient, plan.adds,
                            gradient(i, ParameterKind::Gamma), gradient(i, ParameterKind::Beta));
        break;
      case Op::MaxPool:
        plan.pool->input_gradient(plan.gradient, in.gradient);
        break;
      case Op::GlobalAveragePool:
        average_maps_gradient(in.shape, plan.gradient, in.gradient);
        break;
      default:
        break;  // hands its gradient on
    }
  }
  return gradients;
}

/// The step of a plan as libtorch's autograd sees it: features of values.
class BlockedTrunkFunction : public torch::autograd::Function<BlockedTrunkFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, BlockedTrunk::Plan* plan,
                               const torch::Tensor& images, at::TensorList values) {
    context->saved_data["plan"] = reinterpret_cast<std::int64_t>(plan);
    context->save_for_backward(values.vec());
    return plan->forward(images, values.vec());
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    auto* plan = reinterpret_cast<BlockedTrunk::Plan*>(context->saved_data["plan"].toInt());
    torch::autograd::variable_list all{torch::Tensor(), torch::Tensor()};
    for (torch::Tensor& gradient : plan->backward(gradients[0], context->get_saved_variables()))
      all.push_back(std::move(gradient));
    return all;
  }
};

BlockedTrunk::BlockedTrunk(const Graph& graph, const Batch& batch)
    : plan_(std::make_unique<Plan>(graph, batch)) {}
BlockedTrunk::~BlockedTrunk() = default;

std::size_t BlockedTrunk::last() const {
  return plan_->last();
}

torch::Tensor BlockedTrunk::features(const torch::Tensor& images,
                                     const std::vector<torch::Tensor>& values) {
  const torch::Tensor pixels = images.contiguous(at::MemoryFormat::ChannelsLast);
  if (!torch::GradMode::is_enabled()) return plan_->forward(pixels, values);
  return BlockedTrunkFunction::apply(plan_.get(), pixels, at::TensorList(values));
}

}  // namespace millrace::image_classification
