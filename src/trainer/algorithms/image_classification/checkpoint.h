#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/data/ndarray_list.h"
#include "core/json/json.h"
#include "trainer/algorithms/image_classification/artifact.h"

namespace millrace::image_classification {

/// All that a job needs to go on after the end of an epoch as if it had not been interrupted.
struct Checkpoint {
  Json settings;  ///< that it belongs to, see checkpoint_settings()
  Progress progress;
  std::int64_t optimizer_updates = 0;  ///< fewer than progress.updates after a stopped job's model
  std::optional<double> best;          ///< validation accuracy
  double early_best = 0;               ///< of early stopping
  std::int64_t without_improvement = 0;
  std::vector<std::string> saved;   ///< names of the .params files the model has so far
  std::vector<NamedArray> weights;  ///< after the epoch, which need not be the best
  std::vector<NamedArray> moments;  ///< of the optimiser
};

/// The hyperparameters that must not change between a checkpoint and the job that goes on from it:
/// all but epochs and those that only say when to end.
Json checkpoint_settings(const Hyperparameters& h);

/// Puts the checkpoint and the .params files it names into `directory`, which the platform copies
/// to CheckpointConfig's S3Uri and back.
void write_checkpoint(const std::filesystem::path& directory,
                      const std::filesystem::path& model_directory, const Checkpoint& checkpoint);

/// The newest checkpoint, its .params files copied to `model_directory`; nullopt where there is
/// none. Throws Error(Customer) for a damaged one.
std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& directory,
                                          const std::filesystem::path& model_directory);

}  // namespace millrace::image_classification
