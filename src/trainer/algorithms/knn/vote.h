#pragma once

#include <span>
#include <vector>

#include "trainer/algorithms/knn/hyperparameters.h"

namespace millrace::knn {

/// What the neighbours of a row say of it: of a classifier their most frequent label, the smallest
/// of equally frequent ones; of a regressor the mean. `scratch` is overwritten. At least one label.
float predicted_label(PredictorType predictor, std::span<const float> labels,
                      std::vector<float>& scratch);

}  // namespace millrace::knn
