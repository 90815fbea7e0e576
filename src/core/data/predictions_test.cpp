#include "core/data/predictions.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/base/error.h"
#include "core/json/json.h"

namespace millrace {
namespace {

std::string line_of(const Prediction& prediction) {
  std::string out;
  append_prediction(out, prediction);
  return out;
}

TEST(Predictions, NumbersAreFloatsWidenedToDoubleAsStoredAnswersShowThem) {
  // "Stored examples print float32 widened to double (`11.719074249267578`)"
  EXPECT_EQ(line_of({{.name = "score", .values = {11.719074f}}}), "{\"score\":11.719074249267578}");
  // "Integral values such as cluster ids and k-NN labels are JSON floats (`1.0`)"
  EXPECT_EQ(line_of({{.name = "closest_cluster", .values = {1}},
                     {.name = "distance_to_cluster", .values = {3}}}),
            "{\"closest_cluster\":1.0,\"distance_to_cluster\":3.0}");
}

TEST(Predictions, LinearLearnersLabelIsAWholeNumberAndScoresOfSeveralClassesAreAList) {
  EXPECT_EQ(line_of({{.name = "score", .values = {0.5, 0.25}},
                     {.name = "predicted_label", .values = {2}, .list = false, .whole = true}}),
            "{\"score\":[0.5,0.25],\"predicted_label\":2}");
  EXPECT_EQ(line_of({{.name = "projection", .values = {1}, .list = true}}),
            "{\"projection\":[1.0]}");
}

TEST(Predictions, ALineOfCsvHasTheSameNumbers) {
  std::string line;
  append_prediction_numbers(line, {{.name = "closest_cluster", .values = {1}},
                                   {.name = "distance_to_cluster", .values = {3, 0.5}},
                                   {.name = "predicted_label", .values = {2}, .whole = true}});
  EXPECT_EQ(line, "1.0,3.0,0.5,2");
}

TEST(Predictions, ADocumentNamesItsList) {
  EXPECT_EQ(predictions_document("scores", {{{.name = "score", .values = {0.5}}},
                                            {{.name = "score", .values = {2}}}}),
            "{\"scores\":[{\"score\":0.5},{\"score\":2.0}]}");
}

TEST(Predictions, AnInfinityIsNullSinceJsonHasNoWordForIt) {
  EXPECT_EQ(line_of({{.name = "score", .values = {std::numeric_limits<float>::infinity()}}}),
            "{\"score\":null}");
}

TEST(Predictions, WhatIsWrittenReadsBack) {
  const std::string text = "{\"score\":[0.5,0.25],\"predicted_label\":2}";
  EXPECT_EQ(line_of(parse_prediction(parse_json(text, "line"), "line")), text);
  EXPECT_THROW((void)parse_prediction(parse_json("{\"score\":\"x\"}", "line"), "line"), Error);
  EXPECT_THROW((void)parse_prediction(parse_json("[1]", "line"), "line"), Error);
}

}  // namespace
}  // namespace millrace
