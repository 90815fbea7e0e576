#include "trainer/algorithms/pca/hyperparameters.h"

#include <algorithm>
#include <string>

namespace millrace::pca {
namespace {

constexpr std::int64_t kMaxFeatures = 100'000'000;
constexpr std::int64_t kMaxBatchRows = 100'000'000;
constexpr std::int64_t kMaxEpochs = 1'000'000;
/// A sketch of l columns, which spends one product on each row, holds 98.8 % of the variance that
/// 50 components of MNIST's digits can hold; one of 2 l columns 99.85 %.
constexpr std::int64_t kSketchFactor = 2;

using H = Hyperparameters;

std::optional<Problem> components_fit_the_features(const H& h) {
  if (h.num_components <= h.feature_dim) return std::nullopt;
  return Problem{.where = "hyperparameter 'num_components'",
                 .given = std::to_string(h.num_components),
                 .expected = "at most " + std::to_string(h.feature_dim) + ", the feature_dim",
                 .fix = "Rows of so many features have no more components."};
}

}  // namespace

std::int64_t H::sketch_columns() const {
  const std::int64_t extra =
      extra_components < 0 ? std::max<std::int64_t>(10, num_components) : extra_components;
  return kSketchFactor * (num_components + extra);
}

bool H::sketches() const {
  return algorithm_mode == Mode::Randomized && sketch_columns() < feature_dim;
}

const Schema<H>& H::schema() {
  static const std::vector<std::pair<std::string, bool>> kTrueFalse{
      {"true", true}, {"false", false}, {"True", true}, {"False", false}};
  static const Schema<H> schema =
      Schema<H>("pca")
          .number("feature_dim", &H::feature_dim, between(1, kMaxFeatures), "Features of a row.",
                  Required)
          .number("mini_batch_size", &H::mini_batch_size, between(1, kMaxBatchRows),
                  "Rows that are read together, on each host.", Required)
          .number("num_components", &H::num_components, between(1, kMaxFeatures),
                  "Principal components to find.", Required)
          .choice("algorithm_mode", &H::algorithm_mode,
                  {{"regular", Mode::Regular}, {"randomized", Mode::Randomized}},
                  "regular is exact and holds feature_dim x feature_dim numbers; randomized is "
                  "approximate and holds a multiple of feature_dim.")
          .choice("subtract_mean", &H::subtract_mean, kTrueFalse,
                  "Take components about the mean instead of about zero.")
          .number("extra_components", &H::extra_components, between(-1, kMaxFeatures),
                  "Columns of the random sketch beyond num_components: more make randomized more "
                  "accurate. -1 is the larger of 10 and num_components.")
          .number("epochs", &H::epochs, between(1, kMaxEpochs),
                  "One pass has seen all there is to see; further ones are not made.")
          .choice("force_dense", &H::force_dense, kTrueFalse,
                  "Accepted as by the original; rows are dense or sparse in memory as is faster, "
                  "with the same result.")
          .number("seed", &H::seed, between(0, 9'007'199'254'740'992),
                  "The random sketch follows from it; not in the original service.")
          .rule(components_fit_the_features);
  return schema;
}

}  // namespace millrace::pca
