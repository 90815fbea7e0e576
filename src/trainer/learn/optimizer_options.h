#pragma once

namespace millrace {

enum class UpdateRule { Sgd, Nag, Adam, RmsProp, AdaGrad, AdaDelta };

/// Settings of an optimiser, with MXNet's meaning (optimizer.h). Free of libtorch, so that
/// hyperparameters can hold it.
struct OptimizerOptions {
  UpdateRule rule = UpdateRule::Sgd;
  double momentum = 0.9;         ///< sgd, nag
  double weight_decay = 0.0001;  ///< sgd, nag
  double beta_1 = 0.9;           ///< adam
  double beta_2 = 0.999;         ///< adam
  double eps = 1e-8;             ///< adam, rmsprop, adagrad, adadelta
  double rho = 0.9;              ///< adadelta
  double gamma = 0.9;            ///< rmsprop
};

}  // namespace millrace
