#pragma once

#include <cstdint>
#include <vector>

#include "core/json/json.h"
#include "trainer/algorithms/linear_learner/hyperparameters.h"

namespace millrace::linear_learner {

/// What distinguishes the models that are trained side by side.
struct ModelSettings {
  double learning_rate = 0;
  double wd = 0;
  double l1 = 0;
  std::int64_t lr_scheduler_step = 0;
  double lr_scheduler_factor = 1;
  double lr_scheduler_minimum_lr = 0;
  double positive_weight = 1;
  std::uint64_t seed = 0;  ///< of its first weights

  /// Step size of the update with this number, from 0.
  [[nodiscard]] double rate(std::int64_t update) const;
};

/// One setting per model. A hyperparameter that was given is the same for all; one that is "auto"
/// varies along an axis of the grid:
///
///   bits 0-1  schedule {every 100 updates x 0.99, every 10 updates x 0.98}, two starting weights
///   bit 2     learning rate {0.005, 0.1}
///   bits 3-4  wd {1e-4, 1e-3, 1e-1, 10}, l1 0
///
/// which is the pattern in the losses of a published 32-model run (its values are not published).
/// `num_models` other than 32 takes the models of the grid in an order that begins with learning
/// rate 0.1 and wd 1e-4, so that one model is the sensible one, and starts over with other weights
/// beyond 32. With positive_example_weight_mult auto every second model is balanced.
///
/// `balanced` is negatives over positives; used where a model is balanced.
std::vector<ModelSettings> model_grid(const Hyperparameters& h, double balanced);

/// As the line "Best model found for hyperparameters" shows it.
Json settings_json(const Hyperparameters& h, const ModelSettings& settings);

}  // namespace millrace::linear_learner
