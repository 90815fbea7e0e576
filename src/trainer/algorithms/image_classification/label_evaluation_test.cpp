#include "trainer/algorithms/image_classification/label_evaluation.h"

#include <gtest/gtest.h>

#include <array>

namespace millrace::image_classification {
namespace {

// scikit-learn 1.2 of the same answers: precision_recall_fscore_support(y, p, zero_division=0) and
// (y == p).mean().
TEST(LabelEvaluation, CountsEachClassByItself) {
  constexpr std::array<std::array<float, 3>, 4> targets{
      {{1, 0, 1}, {1, 1, 0}, {0, 0, 0}, {1, 0, 0}}};
  constexpr std::array<std::array<float, 3>, 4> scores{
      {{2, -1, -3}, {-1, 1, -3}, {0.5F, 1, -3}, {4, 0, -3}}};
  LabelEvaluation evaluation(3);
  for (std::size_t i = 0; i < targets.size(); ++i) evaluation.add(targets[i], scores[i]);
  EXPECT_DOUBLE_EQ(evaluation.accuracy(), 2.0 / 3);
  const Json json = evaluation.to_json({"cat", "dog"});
  EXPECT_EQ(json["images"], 4);
  const auto expect = [&](std::size_t c, const char* name, double precision, double recall,
                          double f1, int images) {
    const Json& row = json["classes"][c];
    EXPECT_EQ(row["name"], name);
    EXPECT_DOUBLE_EQ(row["precision"].get<double>(), precision);
    EXPECT_DOUBLE_EQ(row["recall"].get<double>(), recall);
    EXPECT_DOUBLE_EQ(row["f1"].get<double>(), f1);
    EXPECT_EQ(row["images"], images);
  };
  expect(0, "cat", 2.0 / 3, 2.0 / 3, 2.0 / 3, 3);
  expect(1, "dog", 0.5, 1, 2.0 / 3, 1);
  expect(2, "2", 0, 0, 0, 1);
}

TEST(LabelEvaluation, OfNoImageIsZero) {
  EXPECT_EQ(LabelEvaluation(2).accuracy(), 0);
}

}  // namespace
}  // namespace millrace::image_classification
