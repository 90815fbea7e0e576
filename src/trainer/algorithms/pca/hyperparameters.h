#pragma once

#include <cstdint>

#include "core/schema/schema.h"

namespace millrace::pca {

enum class Mode {
  Regular,     ///< the covariance matrix itself: exact, feature_dim^2 numbers
  Randomized,  ///< a random sketch of it: feature_dim x sketch_columns() numbers
};

/// Defaults live here and nowhere else; names, limits and prose live in schema().
struct Hyperparameters {
  std::int64_t feature_dim = 0;
  std::int64_t mini_batch_size = 0;  // rows of a host
  std::int64_t num_components = 0;
  Mode algorithm_mode = Mode::Regular;
  bool subtract_mean = true;
  std::int64_t extra_components = -1;  // -1: max(10, num_components)
  std::int64_t epochs = 1;
  bool force_dense = true;
  std::int64_t seed = 0;

  static const Schema<Hyperparameters>& schema();

  /// Columns of the random sketch: twice num_components + extra_components (README, "How").
  [[nodiscard]] std::int64_t sketch_columns() const;
  /// Whether the sketch is used: one as wide as a row would hold no less than the matrix itself.
  [[nodiscard]] bool sketches() const;
};

}  // namespace millrace::pca
