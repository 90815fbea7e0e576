#pragma once

#include <string_view>

namespace millrace::linear_learner {

/// What the label column holds.
enum class Predictor {
  Binary,      ///< 0 or 1
  Multiclass,  ///< 0 to num_classes - 1
  Regressor,   ///< any number
};

/// Of a score s = w x + b and a label y (classes t = 2 y - 1):
enum class Loss {
  Squared,                 ///< (y - s)^2
  Absolute,                ///< |y - s|
  EpsInsensitiveSquared,   ///< max(0, |y - s| - eps)^2
  EpsInsensitiveAbsolute,  ///< max(0, |y - s| - eps)
  Quantile,                ///< q max(0, y - s) + (1 - q) max(0, s - y)
  Huber,                   ///< e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2); e = y - s
  Logistic,                ///< ln(1 + exp(-t s))
  Hinge,                   ///< max(0, margin - t s)
  Softmax,                 ///< -ln softmax(s)_y
};

/// "squared_loss": the value of the hyperparameter.
std::string_view loss_name(Loss loss);
/// "mse_objective": what metric lines call it.
std::string_view objective_name(Loss loss);
/// Objectives are reported in the label's own unit: a loss of labels divided by d is d to this
/// power times smaller (1 or 2).
int loss_power(Loss loss);

}  // namespace millrace::linear_learner
