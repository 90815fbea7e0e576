#include "trainer/algorithms/image_classification/evaluation.h"

#include <gtest/gtest.h>

#include <array>

namespace millrace::image_classification {
namespace {

Evaluation three_answers() {
  Evaluation evaluation(3);
  evaluation.add({.image = 0, .label = 0, .predicted = 0, .confidence = 0.9, .loss = 0.1});
  evaluation.add(
      {.image = 1, .label = 0, .predicted = 1, .confidence = 0.6, .loss = 1.0, .rank = 1});
  evaluation.add({.image = 2, .label = 1, .predicted = 1, .confidence = 0.7, .loss = 0.4});
  evaluation.add(
      {.image = 3, .label = 1, .predicted = 0, .confidence = 0.5, .loss = 1.5, .rank = 2});
  evaluation.add({.image = 4, .label = 1, .predicted = 1, .confidence = 0.5, .loss = 0.7});
  return evaluation;
}

TEST(Evaluation, CountsHitsPrecisionAndRecall) {
  const Evaluation evaluation = three_answers();
  EXPECT_DOUBLE_EQ(evaluation.accuracy(), 0.6);
  EXPECT_DOUBLE_EQ(evaluation.precision(1), 2.0 / 3);
  EXPECT_DOUBLE_EQ(evaluation.recall(0), 0.5);
  EXPECT_DOUBLE_EQ(evaluation.recall(2), 0);  // no such image
  EXPECT_EQ(evaluation.count(1, 0), 1);
}

TEST(Evaluation, AveragesAreScikitLearns) {
  // sklearn.metrics.classification_report([0, 0, 1, 1, 1], [0, 1, 1, 0, 1], output_dict=True)
  const Averages macro = three_answers().macro_averages();
  EXPECT_DOUBLE_EQ(macro.precision, 0.5833333333333333);
  EXPECT_DOUBLE_EQ(macro.recall, 0.5833333333333333);
  EXPECT_DOUBLE_EQ(macro.f1, 0.5833333333333333);
  const Averages weighted = three_answers().weighted_averages();
  EXPECT_DOUBLE_EQ(weighted.precision, 0.6);
  EXPECT_DOUBLE_EQ(weighted.f1, 0.6);
}

TEST(Evaluation, TheLabelMayBeAmongTheLikeliest) {
  const Evaluation evaluation = three_answers();
  EXPECT_DOUBLE_EQ(evaluation.top_k_accuracy(1), evaluation.accuracy());
  EXPECT_DOUBLE_EQ(evaluation.top_k_accuracy(2), 0.8);
  EXPECT_DOUBLE_EQ(evaluation.top_k_accuracy(3), 1);
  EXPECT_DOUBLE_EQ(evaluation.mean_loss(), 0.74);
}

TEST(Evaluation, AnAnswerComesFromTheScores) {
  // scipy.special.log_softmax([1, 3, 2, 3]) = -2.9176, -0.9176, -1.9176, -0.9176
  const std::array<float, 4> scores{1, 3, 2, 3};
  const Answer answer = answer_of(7, 2, scores);
  EXPECT_EQ(answer.image, 7);
  EXPECT_EQ(answer.predicted, 1);  // the first of two
  EXPECT_EQ(answer.rank, 2);
  EXPECT_NEAR(answer.confidence, 0.399486, 1e-6);
  EXPECT_NEAR(answer.loss, 1.917576, 1e-6);
  EXPECT_EQ(answer_of(0, 1, scores).rank, 0);
  EXPECT_EQ(answer_of(0, 3, scores).rank, 1);
}

TEST(Evaluation, FiguresOfManyAnswersAreScikitLearns) {
  // scikit-learn 1.2.1 of these labels and scores: top_k_accuracy_score, log_loss of the softmax,
  // classification_report(zero_division=0).
  constexpr std::int64_t kImages = 40, kClasses = 5;
  Evaluation evaluation(kClasses);
  for (std::int64_t i = 0; i < kImages; ++i) {
    std::array<float, kClasses> scores{};
    for (std::int64_t c = 0; c < kClasses; ++c) {
      scores[static_cast<std::size_t>(c)] =
          static_cast<float>((i * 37 + c * c * 23 + i * c * 5) % 19) / 4 +
          static_cast<float>(c) / 64;
    }
    evaluation.add(answer_of(i, (i * i + i / 3) % kClasses, scores));
  }
  EXPECT_DOUBLE_EQ(evaluation.accuracy(), 0.125);
  EXPECT_DOUBLE_EQ(evaluation.top_k_accuracy(1), 0.125);
  EXPECT_DOUBLE_EQ(evaluation.top_k_accuracy(2), 0.375);
  EXPECT_DOUBLE_EQ(evaluation.top_k_accuracy(3), 0.65);
  EXPECT_NEAR(evaluation.mean_loss(), 2.1965188601907215, 1e-12);
  EXPECT_NEAR(evaluation.macro_averages().precision, 0.09076923076923077, 1e-15);
  EXPECT_NEAR(evaluation.macro_averages().recall, 0.09444444444444444, 1e-15);
  EXPECT_NEAR(evaluation.macro_averages().f1, 0.09090909090909091, 1e-15);
  EXPECT_NEAR(evaluation.weighted_averages().precision, 0.12461538461538461, 1e-15);
  EXPECT_NEAR(evaluation.weighted_averages().f1, 0.12272727272727273, 1e-15);
}

TEST(Evaluation, ALabelOfNoProbabilityHasAFiniteLoss) {
  const std::array<float, 2> scores{2000, 0};
  EXPECT_DOUBLE_EQ(answer_of(0, 1, scores).loss, 2000);
}

TEST(Evaluation, TheWorstMistakesAreThoseOfTheLargestLoss) {
  const std::vector<Answer> worst = three_answers().worst(5);
  ASSERT_EQ(worst.size(), 2U);
  EXPECT_EQ(worst[0].image, 3);
  EXPECT_EQ(worst[1].image, 1);
  EXPECT_EQ(three_answers().worst(1).size(), 1U);
}

TEST(Evaluation, FiguresInJsonBearTheClassNames) {
  const Json json = three_answers().to_json({"cat", "dog"}, 2);
  EXPECT_EQ(json["classes"][0]["name"], "cat");
  EXPECT_EQ(json["classes"][2]["name"], "2");
  EXPECT_EQ(json["confusion"].dump(), "[[1,1,0],[1,2,0],[0,0,0]]");
  EXPECT_EQ(json["images"], 5);
  EXPECT_EQ(json["top_k_accuracy"], 0.8);
}

TEST(Evaluation, ManyClassesCostNoSquareOfThem) {
  Evaluation evaluation(1'000'000);
  for (std::int64_t i = 0; i < 3; ++i)
    evaluation.add({.image = i, .label = 7, .predicted = 999'999, .confidence = 0.5});
  evaluation.add({.image = 3, .label = 7, .predicted = 7, .confidence = 0.5});
  EXPECT_DOUBLE_EQ(evaluation.recall(7), 0.25);
  EXPECT_EQ(evaluation.count(7, 999'999), 3);
}

TEST(Evaluation, AboveThatMatrixSizeOnlyTheCommonestMistakesAreListed) {
  Evaluation evaluation(Evaluation::kMaxMatrixClasses + 1);
  evaluation.add({.image = 0, .label = 1, .predicted = 0, .confidence = 0.5});
  for (std::int64_t i = 1; i < 3; ++i)
    evaluation.add({.image = i, .label = 0, .predicted = 2, .confidence = 0.5});
  const Json json = evaluation.to_json({"cat"}, 5);
  EXPECT_FALSE(json.contains("confusion"));
  EXPECT_EQ(
      json["confusions"].dump(),
      R"([{"label":"cat","predicted":"2","images":2},{"label":"1","predicted":"cat","images":1}])");
}

}  // namespace
}  // namespace millrace::image_classification
