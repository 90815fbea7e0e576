#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/schema/schema.h"

namespace millrace::kmeans {

/// How first centres are taken from points.
enum class InitMethod {
  Random,    ///< each point with the same chance
  PlusPlus,  ///< each next one with a chance that grows with its squared distance: k-means++
};

/// What the test channel is measured by.
enum class EvalMetric {
  Msd,  ///< mean of the squared distances to the nearest centre
  Ssd,  ///< their sum
};

/// Defaults live here and nowhere else; names, limits and prose live in schema(). An empty optional
/// is "auto".
struct Hyperparameters {
  std::int64_t feature_dim = 0;
  std::int64_t k = 0;
  std::int64_t epochs = 1;
  std::vector<EvalMetric> eval_metrics{EvalMetric::Msd};
  std::optional<std::int64_t> extra_center_factor;
  bool force_dense = true;
  std::int64_t half_life_time_size = 0;  // points; 0: never
  InitMethod init_method = InitMethod::Random;
  InitMethod local_lloyd_init_method = InitMethod::PlusPlus;
  std::int64_t local_lloyd_max_iter = 300;
  std::optional<std::int64_t> local_lloyd_num_trials;
  double local_lloyd_tol = 0.0001;      // relative
  std::int64_t mini_batch_size = 5000;  // rows of a host
  std::int64_t seed = 0;

  static const Schema<Hyperparameters>& schema();
};

/// What the original container logs for extra_center_factor and local_lloyd_num_trials = auto.
inline constexpr std::int64_t kAutoExtraCenterFactor = 10;
inline constexpr std::int64_t kAutoLloydTrials = 10;

/// "msd" or "ssd".
std::string metric_name(EvalMetric metric);

}  // namespace millrace::kmeans
