#include "platform/runner/transform/data_processing.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::runner {
namespace {

std::string output(const DataProcessing::Order& order, const std::vector<std::string>& rows,
                   const char* answer, std::optional<DataFormat> answered = {}) {
  try {
    return DataProcessing(order).output(rows, answer, answered, "s3://b/k, line 1");
  } catch (const Error& error) {
    return (error.blame() == Blame::Algorithm ? "algorithm: " : "customer: ") +
           std::string(error.what());
  }
}

TEST(DataProcessing, AnswersInCsvStandBehindTheCellsOfTheirRows) {
  const DataProcessing::Order order{.format = DataFormat::Csv, .join = true};
  EXPECT_EQ(output(order, {"1, 2.50", "3,4"}, "0.5\n0.25,x\n"), "1, 2.50,0.5\n3,4,0.25,x");
}

TEST(DataProcessing, TheOutputFilterChoosesColumnsOfWhatWasJoined) {
  EXPECT_EQ(output({.format = DataFormat::Csv, .output_filter = "$[0,-1]", .join = true},
                   {"id7,1,2", "\"a,b\",3,4"}, "0.5\n0.25"),
            "id7,0.5\n\"a,b\",0.25");
  EXPECT_EQ(output({.format = DataFormat::Csv, .output_filter = "$[1]"}, {"1"}, "7,8,9"), "8");
  EXPECT_EQ(output({.format = DataFormat::Csv, .output_filter = "$[5]", .join = true}, {"1"}, "2"),
            "customer: s3://b/k, line 1: $[5] selects element 5, and there are 2, counted from 0");
}

TEST(DataProcessing, AnswersInJsonBecomeAMemberOfTheirRecord) {
  const DataProcessing::Order order{.format = DataFormat::JsonDocument, .join = true};
  EXPECT_EQ(output(order, {R"({"id": 1, "x": [2]})"}, R"({"score": 0.5})"),
            R"({"id":1,"x":[2],"SageMakerOutput":{"score":0.5}})");
  EXPECT_EQ(output(order, {"[1, 2]"}, "0.5"), R"({"SageMakerInput":[1,2],"SageMakerOutput":0.5})");
  EXPECT_EQ(output({.format = DataFormat::JsonDocument,
                    .output_filter = "$['id','SageMakerOutput']",
                    .join = true},
                   {R"({"id": 1, "x": 2})", R"({"id": 2, "x": 3})"}, "{\"s\":1}\n{\"s\":2}\n"),
            "{\"id\":1,\"SageMakerOutput\":{\"s\":1}}\n{\"id\":2,\"SageMakerOutput\":{\"s\":2}}");
}

TEST(DataProcessing, AWholeDocumentIsOneRecordWhateverItsLines) {
  EXPECT_EQ(output({.format = DataFormat::JsonDocument, .join = true}, {"{\n\"a\": 1\n}"},
                   "{\n\"predictions\": [1]\n}\n"),
            R"({"a":1,"SageMakerOutput":{"predictions":[1]}})");
}

TEST(DataProcessing, AnAnswerWithAnotherNumberOfLinesIsRefused) {
  EXPECT_EQ(output({.format = DataFormat::Csv, .join = true}, {"1", "2"}, "0.5"),
            "algorithm: s3://b/k, line 1: the model's answer has 1 lines for 2 records, so it is "
            "not known which belongs to which. Ask one at a time with BatchStrategy SingleRecord.");
}

TEST(DataProcessing, AnAnswerOfAnotherFormatIsRefused) {
  EXPECT_NE(output({.format = DataFormat::Csv, .join = true}, {"1"}, R"({"score": 1})",
                   DataFormat::JsonDocument)
                .find("the model answered application/json to text/csv"),
            std::string::npos);
  EXPECT_NE(output({.format = DataFormat::JsonDocument, .join = true}, {"{}"}, "0.5,")
                .find("the model's answer, byte 4: not valid JSON"),
            std::string::npos);
}

TEST(DataProcessing, AMalformedRecordIsToldWithItsPlace) {
  EXPECT_EQ(output({.format = DataFormat::JsonDocument, .join = true}, {"{\"a\""}, "1")
                .find("customer: s3://b/k, line 1, byte 5: not valid JSON"),
            0U);
  EXPECT_EQ(output({.format = DataFormat::Csv, .join = true}, {"\"a"}, "1")
                .find("customer: s3://b/k, line 1, column 1: a double quote is not closed"),
            0U);
}

}  // namespace
}  // namespace millrace::runner
