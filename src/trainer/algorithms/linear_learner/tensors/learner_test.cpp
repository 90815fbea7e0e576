#include "trainer/algorithms/linear_learner/tensors/learner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "trainer/learn/cluster.h"

namespace millrace::linear_learner {
namespace {

Hyperparameters settings(std::map<std::string, std::string> changes) {
  changes.try_emplace("predictor_type", "regressor");
  return Hyperparameters::schema().parse(changes);
}

/// Rows of `features` numbers; feature 1 is always 4. Labels follow the first feature.
TabularBatch rows(std::int64_t count, std::int64_t features, bool sparse, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  TabularBatch batch;
  batch.clear(sparse);
  for (std::int64_t r = 0; r < count; ++r) {
    Row row{.columns = features};
    for (std::int64_t i = 0; i < features; ++i)
      row.values.push_back(i == 1 ? 4.0F
                           : i % 3 == 2 && random() % 2 == 0
                               ? 0.0F
                               : static_cast<float>(random() % 1000) / 100.0F - 3.0F);
    row.labels = {row.values[0] * 2 + 1};
    batch.append(row);
  }
  return batch;
}

Scaler scaler_of(const Hyperparameters& h, const TabularBatch& batch) {
  Cluster alone(ResourceConfig{});
  ScalerEstimate estimate(batch.columns());
  estimate.add(batch);
  return estimate.finish(h, alone);
}

Learner learner_of(const Hyperparameters& h, const TabularBatch& batch) {
  return {h, model_grid(h, 1), scaler_of(h, batch), {}};
}

void steps(Learner& learner, const TabularBatch& batch, int count) {
  for (int i = 0; i < count; ++i) {
    learner.set_gradients(&batch);
    learner.update();
  }
}

TEST(Scaler, RowsBecomeMeanZeroAndDeviationOne) {
  const Hyperparameters h = settings({});
  const TabularBatch batch = rows(500, 5, false);
  const Scaler scaler = scaler_of(h, batch);
  for (std::size_t i = 0; i < 5; ++i) {
    double sum = 0, squares = 0;
    for (std::size_t r = 0; r < 500; ++r) {
      const double value = static_cast<double>((batch.dense.features[r * 5 + i] - scaler.mean[i]) *
                                               scaler.factor[i]);
      sum += value;
      squares += value * value;
    }
    EXPECT_NEAR(sum / 500, 0, 1e-5);
    EXPECT_NEAR(squares / 500, i == 1 ? 0 : 1, 1e-5);
  }
  EXPECT_TRUE(scaler.constant[1]);
  EXPECT_FALSE(scaler.constant[0]);
}

TEST(Scaler, FeaturesFarFromZeroLoseNothing) {
  const Hyperparameters h = settings({});
  TabularBatch batch;
  batch.clear(false);
  for (int r = 0; r < 100; ++r)
    batch.append(
        {.labels = {0}, .columns = 1, .values = {16'000'000.0F + static_cast<float>(r % 2)}});
  EXPECT_NEAR(static_cast<double>(scaler_of(h, batch).factor[0]), 2, 1e-4);
}

TEST(Scaler, WithoutABiasNothingIsCentred) {
  const Scaler scaler = scaler_of(settings({{"use_bias", "false"}}), rows(100, 3, false));
  EXPECT_EQ(scaler.mean, std::vector<float>(3, 0));
  EXPECT_EQ(scaler.label_mean, 0);
  EXPECT_NE(scaler.factor[0], 1);
}

TEST(Scaler, SparseRowsGiveWhatDenseOnesGive) {
  const Hyperparameters h = settings({});
  const Scaler dense = scaler_of(h, rows(200, 6, false)), sparse = scaler_of(h, rows(200, 6, true));
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(dense.mean[i], sparse.mean[i], 1e-5F);
    EXPECT_NEAR(dense.factor[i], sparse.factor[i], 1e-5F);
  }
}

TEST(Learner, AFeatureThatNeverVariesHasNoWeight) {
  const Hyperparameters h = settings({{"num_models", "4"}});
  const TabularBatch batch = rows(100, 3, false);
  Learner learner = learner_of(h, batch);
  steps(learner, batch, 20);
  for (std::int64_t m = 0; m < 4; ++m) EXPECT_EQ(learner.fold(m).weights[1], 0);
}

TEST(Learner, FoldedModelsScoreRawRowsAsTheLearnerDoes) {
  const Hyperparameters h = settings({{"num_models", "3"}});
  const TabularBatch batch = rows(50, 4, false);
  Learner learner = learner_of(h, batch);
  steps(learner, batch, 200);
  std::vector<double> losses(3);
  const std::span<const float> scores = learner.evaluate(batch, losses);
  for (std::int64_t m = 0; m < 3; ++m) {
    const std::vector<float> folded = learner.fold(m).raw_scores(batch);
    double squares = 0;
    for (std::size_t r = 0; r < 50; ++r) {
      const double scaled = static_cast<double>(scores[r * 3 + static_cast<std::size_t>(m)]);
      EXPECT_NEAR(static_cast<double>(folded[r]),
                  scaled * learner.scaler().label_scale + learner.scaler().label_mean, 1e-4);
      squares += std::pow(static_cast<double>(folded[r] - batch.labels()[r]), 2);
    }
    // Losses are told in the label's own unit.
    EXPECT_NEAR(losses[static_cast<std::size_t>(m)], squares, 1e-3 * squares + 1e-3);
  }
}

TEST(Learner, SparseRowsTrainAsDenseOnesDo) {
  const Hyperparameters h = settings({{"num_models", "3"}, {"optimizer", "sgd"}});
  const TabularBatch dense = rows(60, 8, false), sparse = rows(60, 8, true);
  Learner a = learner_of(h, dense), b = learner_of(h, sparse);
  steps(a, dense, 10);
  steps(b, sparse, 10);
  const Learner::Parameters first = a.parameters(), second = b.parameters();
  for (std::size_t i = 0; i < first.weights.size(); ++i)
    EXPECT_NEAR(first.weights[i], second.weights[i], 1e-4F) << i;
  for (std::size_t i = 0; i < first.biases.size(); ++i)
    EXPECT_NEAR(first.biases[i], second.biases[i], 1e-4F) << i;
}

TEST(Learner, ModelsDoNotSeeEachOther) {
  const TabularBatch batch = rows(60, 4, false);
  const Hyperparameters many = settings({{"num_models", "6"}}),
                        one = settings({{"num_models", "1"}});
  Learner together = learner_of(many, batch);
  Learner alone(one, {together.settings()[3]}, scaler_of(one, batch), {});
  steps(together, batch, 30);
  steps(alone, batch, 30);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(together.fold(3).weights[i], alone.fold(0).weights[i], 1e-4F);
}

TEST(Learner, L1MakesWeightsExactlyZero) {
  const Hyperparameters h = settings(
      {{"num_models", "1"}, {"l1", "0.5"}, {"learning_rate", "0.1"}, {"optimizer", "sgd"}});
  const TabularBatch batch = rows(200, 4, false);
  Learner learner = learner_of(h, batch);
  steps(learner, batch, 300);
  const LinearModel model = learner.fold(0);
  EXPECT_NE(model.weights[0], 0);
  EXPECT_EQ(model.weights[2], 0);
  EXPECT_EQ(model.weights[3], 0);
}

TEST(Learner, StrongL2KeepsWeightsNearZero) {
  const TabularBatch batch = rows(200, 3, false);
  for (const char* optimizer : {"sgd", "adam", "rmsprop"}) {
    const Hyperparameters weak = settings(
        {{"num_models", "1"}, {"wd", "0"}, {"learning_rate", "0.02"}, {"optimizer", optimizer}});
    const Hyperparameters strong = settings(
        {{"num_models", "1"}, {"wd", "50"}, {"learning_rate", "0.02"}, {"optimizer", optimizer}});
    Learner a = learner_of(weak, batch), b = learner_of(strong, batch);
    steps(a, batch, 500);
    steps(b, batch, 500);
    EXPECT_NEAR(a.fold(0).weights[0], 2, 0.1F) << optimizer;
    EXPECT_LT(std::abs(b.fold(0).weights[0]), 0.3F) << optimizer;
  }
}

}  // namespace
}  // namespace millrace::linear_learner
