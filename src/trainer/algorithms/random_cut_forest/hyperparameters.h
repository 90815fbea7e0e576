#pragma once

#include <cstdint>

#include "core/schema/schema.h"
#include "trainer/algorithms/random_cut_forest/forest.h"

namespace millrace::random_cut_forest {

/// Groups of figures that are reported of the test channel.
struct EvalMetrics {
  bool accuracy = true;
  bool precision_recall_fscore = true;

  bool operator==(const EvalMetrics&) const = default;
};

/// Defaults live here and nowhere else; names, limits and prose live in schema().
struct Hyperparameters {
  std::int64_t feature_dim = 0;
  EvalMetrics eval_metrics;
  std::int64_t mini_batch_size = 1000;
  std::int64_t num_samples_per_tree = 256;
  std::int64_t num_trees = 100;
  Partition partition = Partition::Contiguous;
  std::int64_t seed = 0;

  static const Schema<Hyperparameters>& schema();
};

}  // namespace millrace::random_cut_forest
