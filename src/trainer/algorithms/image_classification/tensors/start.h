#pragma once

#include <cstdint>
#include <optional>

#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/checkpoint.h"
#include "trainer/algorithms/image_classification/tensors/network.h"
#include "trainer/job/job.h"

namespace millrace::image_classification {

/// Where training begins: at a checkpoint of this very job, else at the model in channel `model`,
/// else at the operator's weights where the job asks for them, else at random weights.
struct Start {
  std::optional<Checkpoint> checkpoint;
  std::optional<SavedModel> base;
  bool new_last_layer = false;  ///< the base's is not used

  /// The first epoch to train.
  [[nodiscard]] std::int64_t epoch() const;
  /// Updates before the first one of the optimiser: where the learning rate's schedule goes on.
  [[nodiscard]] std::int64_t updates() const;
};

/// Says in the log what was found. Throws what base_model(), pretrained_model() and
/// read_checkpoint() throw.
Start find_start(Job& job, const Hyperparameters& h);

/// The network with the weights it starts with.
Network starting_network(const Hyperparameters& h, const Start& start, torch::Device device);

}  // namespace millrace::image_classification
