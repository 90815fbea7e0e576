#include "trainer/algorithms/random_cut_forest/evaluation.h"

#include <gtest/gtest.h>

#include "trainer/algorithms/random_cut_forest/uniform.h"

namespace millrace::random_cut_forest {
namespace {

TEST(Evaluation, CountsWhatIsAboveThreeStandardDeviations) {
  // 97 rows of score 1 and three of score 5, of which two are anomalies, and one anomaly is missed:
  // mean 1.12, standard deviation 0.68235 (of the population), threshold 3.1670.
  std::vector<float> labels(100), scores(100, 1);
  for (const std::size_t i : {10U, 20U, 30U}) scores[i] = 5;
  labels[10] = labels[20] = labels[50] = 1;
  Evaluation evaluation;
  evaluation.add(std::span(labels).first(40), std::span(scores).first(40));
  evaluation.add(std::span(labels).last(60), std::span(scores).last(60));
  const DetectionFigures figures = evaluation.figures();
  EXPECT_NEAR(figures.threshold, 3.16705, 1e-5);
  EXPECT_NEAR(figures.accuracy, 0.98, 1e-12);
  EXPECT_NEAR(figures.precision, 2.0 / 3, 1e-12);
  EXPECT_NEAR(figures.recall, 2.0 / 3, 1e-12);
  EXPECT_NEAR(figures.f1, 2.0 / 3, 1e-12);
}

TEST(Evaluation, SumsOfHostsAddUp) {
  Uniform random(1, 0);
  Evaluation all, first, second;
  for (int i = 0; i < 1000; ++i) {
    const float label = i % 50 == 0 ? 1.0F : 0.0F;
    const auto score = static_cast<float>(random.next() + (label == 1 ? 4 * random.next() : 0));
    for (Evaluation* evaluation : {&all, i % 3 == 0 ? &first : &second})
      evaluation->add({&label, 1}, {&score, 1});
  }
  for (std::size_t i = 0; i < first.sums().size(); ++i) first.sums()[i] += second.sums()[i];
  EXPECT_NEAR(first.figures().threshold, all.figures().threshold, 1e-9);
  EXPECT_EQ(first.figures().f1, all.figures().f1);
  EXPECT_GT(all.figures().f1, 0.3);
}

TEST(Evaluation, EqualScoresAreNoAnomalies) {
  const std::vector<float> labels{0, 0, 1}, scores{0.7F, 0.7F, 0.7F};
  Evaluation evaluation;
  evaluation.add(labels, scores);
  EXPECT_NEAR(evaluation.figures().accuracy, 2.0 / 3, 1e-12);
  EXPECT_EQ(evaluation.figures().f1, 0);
  EXPECT_EQ(evaluation.figures().precision, 0);
}

TEST(Evaluation, NoRowsAreZeros) {
  EXPECT_EQ(Evaluation().figures().accuracy, 0);
}

}  // namespace
}  // namespace millrace::random_cut_forest
