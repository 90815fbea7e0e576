#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <stop_token>

#include "trainer/algorithms/kmeans/centres.h"
#include "trainer/algorithms/kmeans/hyperparameters.h"

namespace millrace::kmeans {

struct LloydOptions {
  std::int64_t k = 0;
  InitMethod init = InitMethod::PlusPlus;
  std::int64_t max_iterations = 300;
  /// It ends once an iteration lowers the loss by no more than this share of it.
  double tolerance = 0.0001;
};

inline constexpr std::int64_t kIterationsWhenStopped = 10;

struct Clustering {
  Centres centres;
  double mean_squared_distance = 0;  ///< of the weighted points to their nearest centres
};

/// Lloyd's method on weighted points: one attempt from the seeds that `random` gives. A centre that
/// loses all its points starts again at the point that costs most, its weight times the squared
/// distance to its centre. Sums are in double, so that the loss never rises by rounding.
///
/// `weights` are above 0, one a point; there are more than k points. After a stop request it ends
/// with iteration kIterationsWhenStopped at the latest: by then most is gained, and the rest of the
/// job's grace is left for saving.
Clustering lloyd(const Centres& points, std::span<const double> weights,
                 const LloydOptions& options, std::mt19937_64& random, const std::stop_token& stop);

}  // namespace millrace::kmeans
