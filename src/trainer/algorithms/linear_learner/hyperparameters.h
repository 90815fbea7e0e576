#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/schema/schema.h"
#include "trainer/algorithms/linear_learner/loss.h"

namespace millrace::linear_learner {

enum class Optimizer { Sgd, Adam, RmsProp };
enum class InitMethod { Uniform, Normal };
enum class Criterion {
  Accuracy,
  FBeta,
  PrecisionAtTargetRecall,
  RecallAtTargetPrecision,
  LossFunction,
};

/// Weight of positive examples; negative ones weigh 1.
struct PositiveWeight {
  enum class Kind {
    Given,
    Balanced,  ///< negatives over positives: both classes have equal impact
    Auto,      ///< 1 and balanced, each for half of the models
  };
  Kind kind = Kind::Given;
  double value = 1;  ///< Given

  bool operator==(const PositiveWeight&) const = default;
};

/// Defaults live here and nowhere else; names, limits and prose live in schema(). An empty optional
/// is "auto": model_grid.h and the README say what becomes of it.
struct Hyperparameters {
  Predictor predictor_type{};
  std::optional<std::int64_t> num_classes;
  std::optional<std::int64_t> feature_dim;
  std::int64_t accuracy_top_k = 3;
  bool balance_multiclass_weights = false;
  std::optional<double> beta_1;
  std::optional<double> beta_2;
  std::optional<double> bias_lr_mult;
  std::optional<double> bias_wd_mult;
  Criterion criterion = Criterion::Accuracy;
  std::int64_t early_stopping_patience = 3;  // epochs
  double early_stopping_tolerance = 0.001;   // relative
  std::int64_t epochs = 15;
  double f_beta = 1.0;
  double huber_delta = 1.0;
  double init_bias = 0;
  InitMethod init_method = InitMethod::Uniform;
  double init_scale = 0.07;
  double init_sigma = 0.01;
  std::optional<double> l1;
  std::optional<double> learning_rate;
  std::optional<Loss> loss;
  double loss_insensitivity = 0.01;
  std::optional<double> lr_scheduler_factor;
  std::optional<double> lr_scheduler_minimum_lr;
  std::optional<std::int64_t> lr_scheduler_step;  // updates
  double margin = 1.0;
  std::int64_t mini_batch_size = 1000;  // rows of a host
  std::optional<double> momentum;
  std::optional<bool> normalize_data = true;
  std::optional<bool> normalize_label;
  std::optional<std::int64_t> num_calibration_samples;
  std::optional<std::int64_t> num_models;
  std::int64_t num_point_for_scaler = 10000;
  std::optional<Optimizer> optimizer;
  PositiveWeight positive_example_weight_mult;
  double quantile = 0.5;
  double target_precision = 0.8;
  double target_recall = 0.8;
  std::optional<bool> unbias_data;
  std::optional<bool> unbias_label;
  bool use_bias = true;
  bool use_lr_scheduler = true;
  std::optional<double> wd;
  std::int64_t seed = 0;

  static const Schema<Hyperparameters>& schema();

  /// The loss that "auto" means for the predictor type.
  [[nodiscard]] Loss effective_loss() const;
  /// Scores of a row and model: num_classes for multiclass, else 1.
  [[nodiscard]] std::int64_t outputs() const;
};

}  // namespace millrace::linear_learner
