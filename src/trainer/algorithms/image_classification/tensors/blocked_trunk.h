#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "trainer/algorithms/image_classification/graph.h"

namespace millrace::image_classification {

/// A network up to its flattened features, on a CPU with AVX-512: the layers of trainer/convnet in
/// one plan for one shape of batch, with every buffer allocated before the first step. Values are
/// what the network owns, beside parameters_of(graph).
class BlockedTrunk {
 public:
  struct Batch {
    std::int64_t count = 0, channels = 0, height = 0, width = 0;
    bool training = false;
    auto operator<=>(const Batch&) const = default;
  };

  /// Whether this CPU and this graph are made for it.
  static bool runs(const Graph& graph);

  BlockedTrunk(const Graph& graph, const Batch& batch);
  ~BlockedTrunk();

  /// Features float [count, channels] of images float [count, channels, height, width],
  /// differentiable in the values if the batch is for training. A plan has one step under way:
  /// backward() of its features comes before the next forward(). Statistics are used and remembered
  /// as by batch norm.
  torch::Tensor features(const torch::Tensor& images, const std::vector<torch::Tensor>& values);

  /// The last node of the graph that is computed here: its flattening.
  [[nodiscard]] std::size_t last() const;

 private:
  class Plan;
  std::unique_ptr<Plan> plan_;
  friend class BlockedTrunkFunction;
};

}  // namespace millrace::image_classification
