#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trainer/algorithms/linear_learner/loss_value.h"

namespace millrace::linear_learner {

/// Scores of R rows by M models of C outputs each: [R, M * C], model by model within a row.
struct ScoreBlock {
  std::int64_t rows = 0;
  std::int64_t models = 0;
  std::int64_t outputs = 1;
  float* scores = nullptr;

  [[nodiscard]] std::int64_t width() const { return models * outputs; }
};

/// How much rows count. Empty: each 1.
struct RowWeights {
  std::vector<float> positive;  ///< [models] of rows with label 1, for each model; binary only
  std::vector<float> classes;   ///< [outputs] of rows by their class; softmax only
};

/// What a batch adds up to, over its rows.
struct LossSums {
  std::vector<float> bias_gradients;  ///< [M * C]: sums of the slopes
  std::vector<double> losses;         ///< [M]
};

/// Adds `biases` [M * C] to the scores and puts, in their place, the derivative of each row's
/// weighted loss by each score; `sums` are set. Rows are taken in pieces of a fixed size whose sums
/// are added in order, so that the result does not depend on the number of threads.
void scores_to_gradients(const LossSettings& settings, const RowWeights& weights,
                         std::span<const float> labels, std::span<const float> biases,
                         ScoreBlock block, LossSums& sums);

/// Adds `biases` to the scores and sets `losses` [M] to the sums of the unweighted losses; the
/// scores stay.
void scores_to_losses(const LossSettings& settings, std::span<const float> labels,
                      std::span<const float> biases, ScoreBlock block, std::vector<double>& losses);

}  // namespace millrace::linear_learner
