#include "trainer/algorithms/linear_learner/calibration.h"

#include <gtest/gtest.h>

#include <vector>

namespace millrace::linear_learner {
namespace {

Hyperparameters settings(const std::string& criterion) {
  return Hyperparameters::schema().parse(
      {{"predictor_type", "binary_classifier"},
       {"binary_classifier_model_selection_criteria", criterion}});
}

const std::vector<float> kScores{0.1F, 0.2F, 0.3F, 0.4F, 0.8F, 0.9F};
const std::vector<float> kLabels{0, 0, 1, 0, 1, 1};

Calibration chosen(const std::string& criterion) {
  return calibrate(kScores, kLabels, settings(criterion));
}

TEST(Calibration, AccuracyTakesTheWidestGapAmongEquallyGoodThresholds) {
  // Above 0.4 one positive is missed; above 0.2 one negative is taken. The former gap is wider.
  const Calibration best = chosen("accuracy");
  EXPECT_NEAR(best.threshold, 0.6, 1e-6);
  EXPECT_NEAR(best.value, 5.0 / 6, 1e-9);
}

TEST(Calibration, FMeasureMayTakeMore) {
  const Calibration best = chosen("f_beta");
  EXPECT_NEAR(best.threshold, 0.25, 1e-6);
  EXPECT_NEAR(best.value, 2 * 0.75 * 1 / 1.75, 1e-9);
}

TEST(Calibration, TargetsAreKept) {
  // Recall of at least 0.8 needs all three positives: precision 3/4.
  EXPECT_NEAR(chosen("precision_at_target_recall").value, 0.75, 1e-9);
  // Precision of at least 0.8 allows the two surest: recall 2/3.
  const Calibration recall = chosen("recall_at_target_precision");
  EXPECT_NEAR(recall.value, 2.0 / 3, 1e-9);
  EXPECT_NEAR(recall.threshold, 0.6, 1e-6);
}

TEST(Calibration, AnUnreachableTargetHasNoValue) {
  const std::vector<float> scores{0.1F, 0.9F}, labels{1, 0};
  EXPECT_EQ(calibrate(scores, labels, settings("recall_at_target_precision")).value, 0);
}

TEST(Calibration, EqualScoresAreNotTornApart) {
  const std::vector<float> scores{0.5F, 0.5F, 0.5F}, labels{0, 1, 1};
  const Calibration best = calibrate(scores, labels, settings("accuracy"));
  EXPECT_LT(best.threshold, 0.5);
  EXPECT_NEAR(best.value, 2.0 / 3, 1e-9);
}

TEST(Calibration, OneClassAloneGivesAThresholdOnItsSide) {
  const std::vector<float> scores{0.2F, 0.7F}, none{0, 0}, all{1, 1};
  EXPECT_GE(calibrate(scores, none, settings("accuracy")).threshold, 0.69);
  EXPECT_LT(calibrate(scores, all, settings("accuracy")).threshold, 0.2);
}

TEST(Calibration, NothingToCalibrateOnLeavesTheNaturalThreshold) {
  EXPECT_EQ(calibrate({}, {}, settings("accuracy")).threshold, 0.5);
}

}  // namespace
}  // namespace millrace::linear_learner
