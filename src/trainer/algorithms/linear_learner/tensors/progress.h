#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "trainer/algorithms/linear_learner/calibration.h"
#include "trainer/algorithms/linear_learner/selection.h"
#include "trainer/algorithms/linear_learner/tensors/learner.h"
#include "trainer/tabular/checkpoint.h"

namespace millrace::linear_learner {

/// The best epoch so far.
struct BestEpoch {
  std::int64_t epoch = 0;
  Learner::Parameters parameters;
  std::vector<double> train_losses;       ///< [models]
  std::vector<double> values;             ///< [models] of what models are compared by
  std::vector<Calibration> calibrations;  ///< [models], on validation data; else empty
};

/// What a checkpoint must agree in to be gone on from: settings (but for the number of epochs) and
/// features.
Json identity_of(const Hyperparameters& h, const Learner& learner);

/// All that a run needs to go on after `epochs_done` epochs as if it had not been interrupted.
Checkpoint checkpoint_of(const Hyperparameters& h, Learner& learner, const BestEpoch& best,
                         const EarlyStopping& early, std::int64_t epochs_done);

/// How many epochs were done; 0 where there is no checkpoint.
std::int64_t epochs_of(const std::optional<Checkpoint>& checkpoint);

/// The reverse of checkpoint_of, for a checkpoint of the same identity.
BestEpoch restore(const Checkpoint& checkpoint, Learner& learner, EarlyStopping& early);

}  // namespace millrace::linear_learner
