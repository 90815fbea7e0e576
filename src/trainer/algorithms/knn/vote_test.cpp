#include "trainer/algorithms/knn/vote.h"

#include <gtest/gtest.h>

namespace millrace::knn {
namespace {

float said(PredictorType predictor, const std::vector<float>& labels) {
  std::vector<float> scratch;
  return predicted_label(predictor, labels, scratch);
}

TEST(Vote, AClassifierTakesTheMostFrequentAndOfTiesTheSmallest) {
  EXPECT_EQ(said(PredictorType::Classifier, {7}), 7);
  EXPECT_EQ(said(PredictorType::Classifier, {5, 2, 5}), 5);
  EXPECT_EQ(said(PredictorType::Classifier, {9, 3, 9, 3, 4}), 3);
  EXPECT_EQ(said(PredictorType::Classifier, {2, -1.5F}), -1.5F);
}

TEST(Vote, ARegressorTakesTheMean) {
  EXPECT_EQ(said(PredictorType::Regressor, {1, 2, 6}), 3);
  // In float, the ones would be lost beside the large label.
  EXPECT_EQ(said(PredictorType::Regressor, {1e8F, 1, 1, 1, 1, -1e8F}), 4.0F / 6);
}

}  // namespace
}  // namespace millrace::knn
