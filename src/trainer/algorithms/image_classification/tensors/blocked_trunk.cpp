#include "trainer/algorithms/image_classification/tensors/blocked_trunk.h"

#include <torch/csrc/autograd/custom_function.h>

#include <utility>

#include "trainer/algorithms/image_classification/tensors/blocked_graph.h"
#include "trainer/algorithms/image_classification/tensors/blocked_plan.h"
#include "trainer/convnet/input_norm.h"

namespace millrace::image_classification {
namespace {

BatchNormArrays norm_arrays(const BlockedNode& norm, const std::vector<torch::Tensor>& values) {
  const auto data = [&](ParameterKind kind) {
    return values[norm.arrays.at(kind)].data_ptr<float>();
  };
  return {.gamma = data(ParameterKind::Gamma),
          .beta = data(ParameterKind::Beta),
          .moving_mean = data(ParameterKind::MovingMean),
          .moving_variance = data(ParameterKind::MovingVariance)};
}

torch::Tensor run_forward(BlockedPlan& plan, const torch::Tensor& images,
                          const std::vector<torch::Tensor>& values) {
  const std::vector<Node>& nodes = plan.graph().nodes;
  const bool training = plan.batch().training;
  void* workspace = plan.workspace();
  for (std::size_t i = 0; i <= plan.last(); ++i) {
    const Node& node = nodes[i];
    BlockedNode& here = plan.node(i);
    switch (node.op) {
      case Op::Convolution: {
        const torch::Tensor& weights = values[here.arrays.at(ParameterKind::Weight)];
        // The optimiser changes them in place, which libtorch counts.
        if (here.weights_version != weights._version() + 1) {
          here.convolution->set_weights(weights.data_ptr<float>());
          here.weights_version = weights._version() + 1;
        }
        here.convolution->forward(plan.node(node.inputs[0]).value, here.value, workspace);
        break;
      }
      case Op::BatchNorm:
        if (!here.norm)
          normalise_input(here.shape, kBlockedNorm, images.data_ptr<float>(),
                          norm_arrays(here, values), training, here.value);
        break;
      case Op::Relu: {
        BlockedNode& norm = plan.node(node.inputs[0]);
        const Node& normed = nodes[nodes[node.inputs[0]].inputs[0]];
        const float* addend = normed.op == Op::Add ? plan.node(normed.inputs[1]).value : nullptr;
        norm.norm->forward(norm.value, addend, norm_arrays(norm, values), training, here.value);
        break;
      }
      case Op::MaxPool:
        here.pool->forward(plan.node(node.inputs[0]).value, here.value, training);
        break;
      case Op::GlobalAveragePool:
        average_maps(plan.node(node.inputs[0]).shape, plan.node(node.inputs[0]).value, here.value);
        break;
      default:
        break;  // lies where its input does
    }
  }
  const BlockedNode& top = plan.node(plan.last());
  return torch::from_blob(top.value, {top.shape.count, top.shape.channels}).clone();
}

std::vector<torch::Tensor> run_backward(BlockedPlan& plan, const torch::Tensor& dfeatures,
                                        const std::vector<torch::Tensor>& values) {
  const std::vector<Node>& nodes = plan.graph().nodes;
  void* workspace = plan.workspace();
  std::vector<torch::Tensor> gradients(values.size());
  const auto gradient = [&](std::size_t node, ParameterKind kind) {
    const std::size_t i = plan.node(node).arrays.at(kind);
    gradients[i] = torch::empty_like(values[i]);
    return gradients[i].data_ptr<float>();
  };
  const BlockedNode& top = plan.node(plan.last());
  torch::from_blob(top.gradient, dfeatures.sizes()).copy_(dfeatures);
  for (std::size_t i = plan.last(); i > 0; --i) {
    const Node& node = nodes[i];
    BlockedNode& here = plan.node(i);
    if (here.gradient == nullptr) continue;
    BlockedNode& in = plan.node(node.inputs[0]);
    switch (node.op) {
      case Op::Convolution: {
        here.convolution->weight_gradient(in.value, here.gradient,
                                          gradient(i, ParameterKind::Weight), workspace);
        if (plan.is_first_convolution(i)) {
          input_beta_gradient(
              in.shape, here.shape,
              {.weights = values[here.arrays.at(ParameterKind::Weight)].data_ptr<float>(),
               .kernel = node.kernel,
               .stride = node.stride,
               .pad = node.pad},
              here.gradient, gradient(node.inputs[0], ParameterKind::Beta));
          break;
        }
        here.convolution->input_gradient(
            here.gradient, here.scratch != nullptr ? here.scratch : in.gradient, workspace);
        if (here.scratch != nullptr) add_maps(in.shape, here.scratch, in.gradient);
        break;
      }
      case Op::BatchNorm:
        here.norm->backward(here.value, here.gradient, in.gradient, here.adds,
                            gradient(i, ParameterKind::Gamma), gradient(i, ParameterKind::Beta));
        break;
      case Op::MaxPool:
        here.pool->input_gradient(here.gradient, in.gradient);
        break;
      case Op::GlobalAveragePool:
        average_maps_gradient(in.shape, here.gradient, in.gradient);
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
  static torch::Tensor forward(torch::autograd::AutogradContext* context, BlockedPlan* plan,
                               const torch::Tensor& images, at::TensorList values) {
    context->saved_data["plan"] = reinterpret_cast<std::int64_t>(plan);
    context->save_for_backward(values.vec());
    return run_forward(*plan, images, values.vec());
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    auto* plan = reinterpret_cast<BlockedPlan*>(context->saved_data["plan"].toInt());
    torch::autograd::variable_list all{torch::Tensor(), torch::Tensor()};
    for (torch::Tensor& gradient :
         run_backward(*plan, gradients[0], context->get_saved_variables()))
      all.push_back(std::move(gradient));
    return all;
  }
};

}  // namespace

bool BlockedTrunk::runs(const Graph& graph) {
  return runs_blocked() && fits_blocked_plan(graph);
}

BlockedTrunk::BlockedTrunk(const Graph& graph, const BlockedBatch& batch)
    : plan_(std::make_unique<BlockedPlan>(graph, batch)) {}

BlockedTrunk::~BlockedTrunk() = default;

std::size_t BlockedTrunk::last() const {
  return plan_->last();
}

torch::Tensor BlockedTrunk::features(const torch::Tensor& images,
                                     const std::vector<torch::Tensor>& values) {
  const torch::Tensor pixels = images.contiguous(at::MemoryFormat::ChannelsLast);
  if (!torch::GradMode::is_enabled()) return run_forward(*plan_, pixels, values);
  return BlockedTrunkFunction::apply(plan_.get(), pixels, at::TensorList(values));
}

}  // namespace millrace::image_classification
