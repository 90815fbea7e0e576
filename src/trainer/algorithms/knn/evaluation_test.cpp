#include "trainer/algorithms/knn/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>

namespace millrace::knn {
namespace {

const std::vector<float> kLabels{1, 1, 2, 2, 2, 3, 7};
const std::vector<float> kPredicted{1, 2, 2, 2, 9, 3, 3};

Evaluation of_rows(PredictorType predictor, std::size_t begin, std::size_t end) {
  Evaluation evaluation(predictor);
  for (std::size_t i = begin; i < end; ++i) evaluation.add(kLabels[i], kPredicted[i]);
  return evaluation;
}

TEST(Evaluation, FiguresAreThoseOfScikitLearn) {
  // accuracy_score, f1_score(average="macro") and mean_squared_error of scikit-learn 1.2.1 on these
  // rows; labels 7 and 9 are never right and count as 0.
  Evaluation classes = of_rows(PredictorType::Classifier, 0, kLabels.size());
  classes.set_labels(classes.labels());
  ASSERT_EQ(classes.figures().size(), 2U);
  EXPECT_EQ(classes.figures()[0].name, "accuracy");
  EXPECT_NEAR(classes.figures()[0].value, 0.5714285714285714, 1e-12);
  EXPECT_EQ(classes.figures()[1].name, "macro_f_1.000");
  EXPECT_NEAR(classes.figures()[1].value, 0.4, 1e-12);

  Evaluation numbers = of_rows(PredictorType::Regressor, 0, kLabels.size());
  numbers.set_labels(numbers.labels());
  ASSERT_EQ(numbers.figures().size(), 1U);
  EXPECT_EQ(numbers.figures()[0].name, "mse");
  EXPECT_EQ(numbers.figures()[0].kind, Figure::Loss);
  EXPECT_NEAR(numbers.figures()[0].value, 9.428571428571429, 1e-12);
}

TEST(Evaluation, TheSumsOfTwoHostsAreThoseOfOne) {
  Evaluation whole = of_rows(PredictorType::Classifier, 0, kLabels.size());
  Evaluation a = of_rows(PredictorType::Classifier, 0, 3),
             b = of_rows(PredictorType::Classifier, 3, kLabels.size());
  std::vector<float> labels = a.labels();
  for (const float label : b.labels()) labels.push_back(label);
  for (Evaluation* each : {&a, &b, &whole}) each->set_labels(labels);
  for (std::size_t i = 0; i < a.sums().size(); ++i) a.sums()[i] += b.sums()[i];
  for (std::size_t i = 0; i < whole.figures().size(); ++i)
    EXPECT_EQ(a.figures()[i].value, whole.figures()[i].value);
}

TEST(Evaluation, WithoutRowsThereIsNoFigure) {
  Evaluation none(PredictorType::Regressor);
  none.set_labels({});
  EXPECT_TRUE(std::isnan(none.figures()[0].value));
}

}  // namespace
}  // namespace millrace::knn
