#include "trainer/algorithms/linear_learner/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace millrace::linear_learner {
namespace {

std::map<std::string, double> figures(const LinearModel& model, const Hyperparameters& h,
                                      const std::vector<Row>& rows) {
  Evaluation evaluation(model, h);
  TabularBatch batch;
  for (const Row& row : rows) {
    batch.clear(false);
    batch.append(row);
    evaluation.add(batch);
  }
  std::map<std::string, double> named;
  for (const ModelFigure& figure : evaluation.figures()) named[figure.name] = figure.value;
  return named;
}

Row row(float label, std::vector<float> values) {
  const auto columns = static_cast<std::int64_t>(values.size());
  return {.labels = {label}, .columns = columns, .values = std::move(values)};
}

TEST(Evaluation, BinaryFiguresAreThoseOfTheTextbook) {
  const Hyperparameters h =
      Hyperparameters::schema().parse({{"predictor_type", "binary_classifier"}});
  const LinearModel model{.predictor = Predictor::Binary,
                          .loss = Loss::Logistic,
                          .features = 1,
                          .weights = {1},
                          .biases = {0},
                          .threshold = 0.5};
  const auto f =
      figures(model, h, {row(0, {-2}), row(0, {1}), row(1, {-1}), row(1, {2}), row(1, {3})});
  EXPECT_DOUBLE_EQ(f.at("binary_classification_accuracy"), 0.6);
  EXPECT_DOUBLE_EQ(f.at("precision"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(f.at("recall"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(f.at("binary_f_1.000"), 2.0 / 3);
  // Of six pairs, five have the positive above the negative.
  EXPECT_DOUBLE_EQ(f.at("roc_auc_score"), 5.0 / 6);
  const double loss = (std::log1p(std::exp(-2.0)) + std::log1p(std::exp(1.0)) * 2 +
                       std::log1p(std::exp(-2.0)) + std::log1p(std::exp(-3.0))) /
                      5;
  EXPECT_NEAR(f.at("binary_classification_cross_entropy_objective"), loss, 1e-6);
}

TEST(Evaluation, MulticlassFiguresAreThoseOfTheTextbook) {
  const Hyperparameters h = Hyperparameters::schema().parse(
      {{"predictor_type", "multiclass_classifier"}, {"num_classes", "3"}, {"accuracy_top_k", "2"}});
  const LinearModel model{.predictor = Predictor::Multiclass,
                          .loss = Loss::Softmax,
                          .features = 3,
                          .outputs = 3,
                          .weights = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                          .biases = {0, 0, 0}};
  const auto f = figures(
      model, h, {row(0, {3, 2, 1}), row(1, {3, 2, 1}), row(2, {3, 2, 1}), row(2, {0, 0, 5})});
  EXPECT_DOUBLE_EQ(f.at("multiclass_accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(f.at("multiclass_top_k_accuracy_2"), 0.75);
  EXPECT_DOUBLE_EQ(f.at("dcg"), (1 + 1 / std::log2(3) + 1 / std::log2(4) + 1) / 4);
  EXPECT_DOUBLE_EQ(f.at("multiclass_balanced_accuracy"), (1 + 0 + 0.5) / 3);
  EXPECT_DOUBLE_EQ(f.at("macro_precision"), (1.0 / 3 + 0 + 1) / 3);
  EXPECT_NEAR(f.at("multiclass_log_loss"), f.at("multiclass_cross_entropy_objective"), 1e-9);
}

TEST(Evaluation, RegressionFiguresAreThoseOfTheTextbook) {
  const Hyperparameters h = Hyperparameters::schema().parse({{"predictor_type", "regressor"}});
  const LinearModel model{.features = 1, .weights = {1}, .biases = {0}};
  const auto f = figures(model, h, {row(1, {2}), row(5, {2})});
  EXPECT_DOUBLE_EQ(f.at("mse"), 5);
  EXPECT_DOUBLE_EQ(f.at("absolute_loss"), 2);
  EXPECT_DOUBLE_EQ(f.at("rmse"), std::sqrt(5));
  EXPECT_DOUBLE_EQ(f.at("mse_objective"), 5);
}

}  // namespace
}  // namespace millrace::linear_learner
