#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/data/ndarray_list.h"
#include "trainer/algorithms/image_classification/graph.h"
#include "trainer/algorithms/image_classification/tensors/blocked_trunk.h"
#include "trainer/learn/optimizer.h"

namespace millrace::image_classification {

/// A Graph with weights: evaluates it, in training with gradients.
class Network {
 public:
  /// New weights drawn from `seed`: convolutions and the last layer normal with deviation sqrt(2 /
  /// fan_in) (Xavier "in", magnitude 2), gamma 1, beta and bias 0, moving mean 0 and variance 1.
  Network(Graph graph, std::int64_t input_channels, std::uint64_t seed, torch::Device device);
  /// Saved weights. Throws Error(Customer) naming `origin` and the array that is missing or has
  /// another shape.
  Network(Graph graph, std::int64_t input_channels, const std::vector<NamedArray>& arrays,
          std::string_view origin, torch::Device device);

  /// Class scores before softmax or sigmoid, float [N, classes], of images float [N, C, H, W]. In
  /// training, batch norm uses and remembers the batch's statistics; otherwise the remembered ones,
  /// and no gradient is recorded.
  torch::Tensor logits(const torch::Tensor& images, bool training);

  /// What the optimiser trains: all but moving statistics and fixed gammas.
  [[nodiscard]] std::vector<TrainedTensor> trained() const;
  [[nodiscard]] std::vector<NamedArray> arrays() const;
  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] torch::Device device() const { return device_; }

 private:
  void adopt(std::size_t parameter, const torch::Tensor& value);
  torch::Tensor evaluate(const torch::Tensor& images, bool training);
  BlockedTrunk& trunk_for(const torch::Tensor& images, bool training);
  torch::Tensor normalised(std::size_t node, const torch::Tensor& x, bool rectified, bool training);
  [[nodiscard]] const torch::Tensor& array(std::size_t node, ParameterKind kind) const;

  Graph graph_;
  std::vector<Parameter> parameters_;
  std::vector<torch::Tensor> values_;                  ///< beside parameters_
  std::vector<std::vector<std::size_t>> node_arrays_;  ///< parameters of each node
  std::vector<std::size_t> last_use_;  ///< the last node that reads each node's output
  torch::Device device_;
  bool blocked_;  ///< whether trunks compute what comes before the last layer
  std::map<BlockedBatch, std::unique_ptr<BlockedTrunk>> trunks_;
};

}  // namespace millrace::image_classification
