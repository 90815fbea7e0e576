#include "trainer/algorithms/image_classification/tensors/blocked_plan.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/error.h"
#include "trainer/algorithms/image_classification/tensors/blocked_graph.h"

namespace millrace::image_classification {

BlockedPlan::BlockedPlan(Graph graph, const BlockedBatch& batch)
    : graph_(std::move(graph)), batch_(batch), nodes_(graph_.nodes.size()) {
  const std::vector<Parameter> parameters = parameters_of(graph_, batch.channels);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    nodes_[parameters[i].node].arrays.emplace(parameters[i].kind, i);
  lay_out_values();
  if (batch.training) lay_out_gradients();
  workspace_ = torch::empty({workspace_bytes_}, torch::kUInt8);
}

bool BlockedPlan::is_first_convolution(std::size_t i) const {
  const Node& node = graph_.nodes[i];
  return node.op == Op::Convolution && graph_.nodes[node.inputs[0]].op == Op::BatchNorm;
}

void BlockedPlan::make_layer(std::size_t i) {
  const Node& node = graph_.nodes[i];
  BlockedNode& plan = nodes_[i];
  const BlockedNode& in = nodes_[node.inputs[0]];
  plan.shape = in.shape;
  if (node.op == Op::Convolution) {
    plan.convolution.emplace(ConvolutionSettings{.input = in.shape,
                                                 .filters = node.filters,
                                                 .kernel = node.kernel,
                                                 .stride = node.stride,
                                                 .pad = node.pad,
                                                 .training = batch_.training});
    plan.shape = plan.convolution->output();
    workspace_bytes_ =
        std::max(workspace_bytes_, static_cast<std::int64_t>(plan.convolution->workspace_bytes()));
  } else if (is_rectified_norm(graph_, i)) {
    plan.norm.emplace(plan.shape, kBlockedNorm);
  } else if (node.op == Op::MaxPool) {
    plan.pool.emplace(in.shape, node.kernel, node.stride, node.pad);
    plan.shape = plan.pool->output();
  } else if (node.op == Op::GlobalAveragePool) {
    plan.shape.height = plan.shape.width = 1;
  } else if (node.op == Op::Add && plan.shape != nodes_[node.inputs[1]].shape) {
    throw Error(Blame::Customer,
                Problem{.where = "node '" + node.name + "' of the network",
                        .given = "maps of different shapes",
                        .expected = "a sum of maps of one shape",
                        .fix = "Use a model that image-classification has trained."});
  }
}

void BlockedPlan::lay_out_values() {
  // A sum lies where its convolution wrote and a norm's input where it is, so several nodes share
  // one buffer; `owner` is the first of them.
  const std::size_t count = graph_.nodes.size();
  std::vector<std::size_t> owner(count), last_read(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Node& node = graph_.nodes[i];
    const bool shares = node.op == Op::Add || node.op == Op::Flatten || node.op == Op::Identity ||
                        is_rectified_norm(graph_, i);
    owner[i] = shares ? owner[node.inputs[0]] : i;
    for (const std::size_t input : node.inputs) {
      // The norm behind a sum adds it up when its rectifier's turn comes.
      const std::size_t when = node.op == Op::Add ? i + 2 : i;
      last_read[owner[input]] = std::max(last_read[owner[input]], when);
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Node& node = graph_.nodes[i];
    BlockedNode& plan = nodes_[i];
    if (node.op == Op::Input) {
      plan.shape = {batch_.count, batch_.channels, batch_.height, batch_.width};
      continue;
    }
    make_layer(i);
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

void BlockedPlan::lay_out_gradients() {
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
    BlockedNode& plan = nodes_[i];
    BlockedNode& in = nodes_[node.inputs[0]];
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

}  // namespace millrace::image_classification
