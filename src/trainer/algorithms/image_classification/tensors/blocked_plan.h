#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "trainer/algorithms/image_classification/graph.h"
#include "trainer/algorithms/image_classification/tensors/blocked_batch.h"
#include "trainer/algorithms/image_classification/tensors/buffers.h"
#include "trainer/convnet/batch_norm.h"
#include "trainer/convnet/convolution.h"
#include "trainer/convnet/pooling.h"

namespace millrace::image_classification {

inline constexpr BatchNormSettings kBlockedNorm{.eps = kBatchNormEps,
                                                .momentum = kBatchNormMomentum};

/// The layer that computes a node, and where its value and gradient lie.
struct BlockedNode {
  BlockedShape shape;         ///< of the output
  float* value = nullptr;     ///< of the output
  float* gradient = nullptr;  ///< of the loss for the output
  bool adds = false;          ///< a norm whose gradient is added to one that its input has already
  float* scratch = nullptr;   ///< a convolution's, where its input's gradient is not the first
  std::map<ParameterKind, std::size_t> arrays;  ///< positions among parameters_of(graph)
  std::optional<Convolution> convolution;
  std::int64_t weights_version = 0;  ///< of those it holds, plus 1
  std::optional<BatchNormRelu> norm;
  std::optional<MaxPool> pool;
};

/// Layers and memory of a network up to its flattened features, all made before the first step.
/// Values of inference and gradients lie in buffers that are used again as soon as nothing is left
/// to read them; values of training are kept for the backward pass.
class BlockedPlan {
 public:
  /// Of a graph that fits (blocked_graph.h). Throws Error(Customer) where it adds maps of different
  /// shapes, and dnnl::error where a map is too small for what comes.
  BlockedPlan(Graph graph, const BlockedBatch& batch);

  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] const BlockedBatch& batch() const { return batch_; }
  [[nodiscard]] BlockedNode& node(std::size_t i) { return nodes_[i]; }
  /// What is computed last: the flattening.
  [[nodiscard]] std::size_t last() const { return last_; }
  /// For convolutions, which run one after another.
  [[nodiscard]] void* workspace() { return workspace_.data_ptr(); }
  /// Whether the convolution reads the input's norm: nobody asks for the gradient of that.
  [[nodiscard]] bool is_first_convolution(std::size_t i) const;

 private:
  void lay_out_values();
  void make_layer(std::size_t i);
  void lay_out_gradients();

  Graph graph_;
  BlockedBatch batch_;
  std::vector<BlockedNode> nodes_;
  std::size_t last_ = 0;
  Buffers buffers_;
  std::int64_t workspace_bytes_ = 1;
  torch::Tensor workspace_;
};

}  // namespace millrace::image_classification
