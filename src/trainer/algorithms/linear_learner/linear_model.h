#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "trainer/algorithms/linear_learner/loss.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace::linear_learner {

/// A trained model as it is saved: it takes raw features and gives scores in the label's own unit.
struct LinearModel {
  Predictor predictor = Predictor::Regressor;
  Loss loss = Loss::Squared;
  std::int64_t features = 0;
  std::int64_t outputs = 1;    ///< classes of a multiclass model, else 1
  std::vector<float> weights;  ///< [outputs, features]
  std::vector<float> biases;   ///< [outputs]
  double threshold = 0.5;      ///< binary: a higher answered score means class 1

  /// w x + b of each row: [rows, outputs]. `rows` must have as many columns as the model features.
  [[nodiscard]] std::vector<float> raw_scores(const TabularBatch& rows) const;
};

/// What is answered for raw scores, in place: probabilities of logistic and softmax models, else
/// the scores themselves. `outputs` values a row.
void answer_scores(Loss loss, std::int64_t outputs, std::span<float> scores);

/// Number of the largest of a row's scores; the first of equal ones.
std::int64_t predicted_class(std::span<const float> scores);

/// Members of a model's directory.
inline constexpr std::string_view kModelFile = "model_algo-1";

/// Writes `model_algo-1`: a ZIP of an MXNet module, mx-mod-symbol.json and mx-mod-0000.params with
/// arg:fc0_weight [outputs, features] and arg:fc0_bias [outputs], and of additional-params.json,
/// which holds the rest. Replaces the file as a whole.
void write_model(const std::filesystem::path& directory, const LinearModel& model);

/// From model.tar.gz or the directory it was made of. Throws Error(Customer) naming what is missing
/// or damaged.
LinearModel read_model(const std::filesystem::path& path);

}  // namespace millrace::linear_learner
