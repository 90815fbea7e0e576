#include "trainer/algorithms/image_classification/evaluation.h"

#include <gtest/gtest.h>

namespace millrace::image_classification {
namespace {

Evaluation three_answers() {
  Evaluation evaluation(3);
  evaluation.add({.record = 0, .label = 0, .predicted = 0, .confidence = 0.9});
  evaluation.add({.record = 1, .label = 0, .predicted = 1, .confidence = 0.6});
  evaluation.add({.record = 2, .label = 1, .predicted = 1, .confidence = 0.7});
  evaluation.add({.record = 3, .label = 1, .predicted = 0, .confidence = 0.8});
  evaluation.add({.record = 4, .label = 1, .predicted = 1, .confidence = 0.5});
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

TEST(Evaluation, TheWorstMistakesAreTheMostConfident) {
  const std::vector<Answer> worst = three_answers().worst(5);
  ASSERT_EQ(worst.size(), 2U);
  EXPECT_EQ(worst[0].record, 3);
  EXPECT_EQ(worst[1].record, 1);
  EXPECT_EQ(three_answers().worst(1).size(), 1U);
}

TEST(Evaluation, FiguresInJsonBearTheClassNames) {
  const Json json = three_answers().to_json({"cat", "dog"});
  EXPECT_EQ(json["classes"][0]["name"], "cat");
  EXPECT_EQ(json["classes"][2]["name"], "2");
  EXPECT_EQ(json["confusion"].dump(), "[[1,1,0],[1,2,0],[0,0,0]]");
  EXPECT_EQ(json["images"], 5);
}

TEST(Evaluation, ManyClassesCostNoSquareOfThem) {
  Evaluation evaluation(1'000'000);
  for (std::int64_t i = 0; i < 3; ++i)
    evaluation.add({.record = i, .label = 7, .predicted = 999'999, .confidence = 0.5});
  evaluation.add({.record = 3, .label = 7, .predicted = 7, .confidence = 0.5});
  EXPECT_DOUBLE_EQ(evaluation.recall(7), 0.25);
  EXPECT_EQ(evaluation.count(7, 999'999), 3);
}

TEST(Evaluation, AboveThatMatrixSizeOnlyTheCommonestMistakesAreListed) {
  Evaluation evaluation(Evaluation::kMaxMatrixClasses + 1);
  evaluation.add({.record = 0, .label = 1, .predicted = 0, .confidence = 0.5});
  for (std::int64_t i = 1; i < 3; ++i)
    evaluation.add({.record = i, .label = 0, .predicted = 2, .confidence = 0.5});
  const Json json = evaluation.to_json({"cat"});
  EXPECT_FALSE(json.contains("confusion"));
  EXPECT_EQ(
      json["confusions"].dump(),
      R"([{"label":"cat","predicted":"2","images":2},{"label":"1","predicted":"cat","images":1}])");
}

}  // namespace
}  // namespace millrace::image_classification
