#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trainer/algorithms/linear_learner/linear_model.h"
#include "trainer/algorithms/linear_learner/model_grid.h"
#include "trainer/algorithms/linear_learner/tensors/losses.h"
#include "trainer/algorithms/linear_learner/tensors/scaler.h"
#include "trainer/algorithms/linear_learner/tensors/update.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace::linear_learner {

/// M linear models of C outputs over D features, trained together: a step is two matrix products of
/// a batch with all of them, [B, D] x [D, M C] and [D, B] x [B, M C], and two passes over their
/// results. Gradients are written out by hand (loss_value.h), not traced.
///
///     Learner learner(h, models, scaler, weights);
///     learner.add_gradients(*batch);
///     cluster.sum(learner.sums());
///     learner.update();
///
/// Memory: 4 D M C floats with adam, and B (D + M C) for the batch.
class Learner {
 public:
  Learner(const Hyperparameters& h, std::vector<ModelSettings> models, Scaler scaler,
          RowWeights weights);

  [[nodiscard]] std::int64_t models() const { return static_cast<std::int64_t>(models_.size()); }
  [[nodiscard]] const std::vector<ModelSettings>& settings() const { return models_; }
  [[nodiscard]] const Scaler& scaler() const { return scaler_; }
  /// Of as many features.
  void set_scaler(Scaler scaler);
  [[nodiscard]] std::int64_t updates() const { return updates_; }

  /// Sets sums() to those of the batch; nullptr: to zero, for a host that has no rows left.
  void set_gradients(const TabularBatch* batch);
  /// Gradients of the weights [D, M C] and biases [M C], losses [M], rows, and one number free for
  /// the caller: what hosts add up for a common step.
  [[nodiscard]] std::span<float> sums() { return sums_; }
  [[nodiscard]] float& spare() { return sums_.back(); }
  [[nodiscard]] double rows_in_sums() const;
  /// Losses of the models over the rows in sums(), in the label's unit.
  void add_losses(std::vector<double>& losses) const;
  /// One step of every model from sums(), which must hold at least one row.
  void update();

  /// Raw scores of the rows, in the label's own unit, for each model: [rows, M C]; and adds to
  /// `losses` [M] the unweighted losses in the label's unit. Valid until the next call.
  std::span<const float> evaluate(const TabularBatch& batch, std::vector<double>& losses);

  /// What training changes, model by model within a row: weights [D, M C] and biases [M C].
  struct Parameters {
    std::vector<float> weights;
    std::vector<float> biases;
  };
  [[nodiscard]] Parameters parameters() const;
  void set_parameters(const Parameters& parameters);
  /// What the optimiser remembers, for a checkpoint.
  struct Memory {
    std::int64_t updates = 0;
    std::vector<float> weights_first, weights_second, biases_first, biases_second;
  };
  [[nodiscard]] Memory memory();
  void set_memory(const Memory& memory);

  /// One model for raw features and labels, the scaler folded in:
  /// w_raw = w factor, b_raw = b - sum(w factor mean), both times the label's scale, plus its mean.
  [[nodiscard]] LinearModel fold(std::int64_t model) const;

 private:
  void start_weights();
  /// Scores without biases, into scores_.
  void multiply(const TabularBatch& batch);
  void scale(const DenseBatch& batch);
  void multiply_sparse(const SparseBatch& batch);
  void sparse_gradient(const SparseBatch& batch);
  [[nodiscard]] std::span<const float> scaled_labels(const TabularBatch& batch);
  void set_rates();
  [[nodiscard]] double loss_unit() const;

  const Hyperparameters& h_;
  std::vector<ModelSettings> models_;
  Scaler scaler_;
  bool scales_;
  LossSettings loss_;
  RowWeights row_weights_;
  std::int64_t features_, outputs_, width_;  ///< D, C, M C
  TrainedWeights weights_, biases_;
  UpdateRates weight_rates_, bias_rates_;
  std::int64_t updates_ = 0;

  std::vector<float> scaled_;  ///< [B, D]
  std::vector<float> labels_;  ///< [B]
  std::vector<float> scores_;  ///< [B, M C]
  std::vector<float> folded_;  ///< [D, M C] weights for raw features, of sparse rows
  std::vector<float> sums_;
  LossSums loss_sums_;
};

}  // namespace millrace::linear_learner
