#pragma once

#include <torch/types.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "trainer/algorithms/image_classification/graph.h"
#include "trainer/algorithms/image_classification/tensors/blocked_batch.h"

namespace millrace::image_classification {

class BlockedPlan;

/// A network up to its flattened features, on a CPU with AVX-512: the layers of trainer/convnet in
/// one plan for one shape of batch. Values are what the network owns, beside parameters_of(graph).
/// A build without oneDNN has none (blocked_trunk_absent.cpp): its networks run on libtorch alone.
class BlockedTrunk {
 public:
  /// Whether this CPU and this graph are made for it.
  static bool runs(const Graph& graph);

  /// Throws what BlockedPlan throws.
  BlockedTrunk(const Graph& graph, const BlockedBatch& batch);
  BlockedTrunk(const BlockedTrunk&) = delete;
  BlockedTrunk& operator=(const BlockedTrunk&) = delete;
  ~BlockedTrunk();

  /// Features float [count, channels] of images float [count, channels, height, width],
  /// differentiable in the values if the batch is for training. A plan has one step under way:
  /// backward() of its features comes before the next forward(), and both before this object goes.
  /// Statistics are used and remembered as by batch norm.
  torch::Tensor features(const torch::Tensor& images, const std::vector<torch::Tensor>& values);

  /// The last node of the graph that is computed here: its flattening.
  [[nodiscard]] std::size_t last() const;

 private:
  std::unique_ptr<BlockedPlan> plan_;
};

}  // namespace millrace::image_classification
