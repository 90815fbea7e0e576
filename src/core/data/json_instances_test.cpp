#include "core/data/json_instances.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace {
namespace {

std::vector<Row> rows_of(std::string_view text) {
  MemorySource source(text);
  JsonLinesReader reader(source, "body");
  std::vector<Row> rows;
  for (Row row; reader.read(row);) rows.push_back(row);
  return rows;
}

std::string refusal(std::string_view text) {
  try {
    (void)rows_of(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(JsonInstances, EveryFormOfAnInstanceReads) {
  // "A bare array for `features` is the same as {"features": {"values": [...]}}"
  const auto rows = rows_of(
      "{\"features\": [1.5, 16.0]}\n"
      "\n"
      "{\"features\": {\"values\": [1.5, 16.0]}}\r\n"
      "{\"data\": {\"features\": {\"values\": [1.5, 16.0]}}, \"configuration\": {\"k\": 1}}\n"
      "{\"data\": {\"features\": {\"keys\": [1, 0], \"shape\": [2], \"values\": [16, 1.5]}}}");
  ASSERT_EQ(rows.size(), 4u);
  for (const Row& row : rows) {
    EXPECT_EQ(row.columns, 2);
    EXPECT_EQ(row.values, (std::vector<float>{1.5, 16}));
  }
  EXPECT_TRUE(rows[3].sparse);
  EXPECT_EQ(rows[3].indices, (std::vector<std::int64_t>{0, 1}));
}

TEST(JsonInstances, ADocumentHoldsAListOfInstances) {
  const auto rows =
      read_instances("{\"instances\": [{\"features\": [1]}, {\"features\": [2]}]}", "body");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].values, std::vector<float>{2});
}

TEST(JsonInstances, RefusalsNameLineAndMember) {
  EXPECT_EQ(refusal("{\"features\":[1]}\n{\"feature\":[1]}\n"),
            "body, line 2: member 'feature': got \"an unknown member\", expected one of features, "
            "data, configuration. "
            "Give {\"features\": [...]}, or {\"data\": {\"features\": {\"keys\": [...], \"shape\": "
            "[n], \"values\": [...]}}}.");
  EXPECT_NE(refusal("{\"features\":[1]}\n{\"features\":[1,2]}"), "accepted");
}

TEST(JsonInstances, WhatIsNoInstanceIsRefused) {
  for (const char* line :
       {"[]", "{}", "1", "{\"features\":[]}", "{\"features\":[\"1\"]}", "{\"features\":[1e39]}",
        "{\"features\":[1e999]}", "{\"features\":[1],\"data\":{}}", "{\"data\":{}}",
        "{\"features\":{\"keys\":[0],\"values\":[1]}}",                    // no shape
        "{\"features\":{\"keys\":[2],\"shape\":[2],\"values\":[1]}}",      // beyond it
        "{\"features\":{\"keys\":[0,0],\"shape\":[2],\"values\":[1,1]}}",  // twice
        "{\"features\":{\"keys\":[-1],\"shape\":[2],\"values\":[1]}}",
        "{\"features\":{\"keys\":[0],\"shape\":[0],\"values\":[1]}}",
        "{\"features\":{\"keys\":[],\"shape\":[4294967296,4294967296],\"values\":[]}}"}) {
    EXPECT_NE(refusal(line), "accepted") << line;
  }
}

TEST(JsonInstances, LinesSurviveBeingWritten) {
  std::string text;
  append_instance_line(
      text, {.labels = {}, .sparse = false, .columns = 2, .indices = {}, .values = {0.1f, 3}});
  append_instance_line(
      text, {.labels = {}, .sparse = true, .columns = 2, .indices = {1}, .values = {-2}});
  EXPECT_EQ(text,
            "{\"features\":[0.1,3]}\n"
            "{\"data\":{\"features\":{\"keys\":[1],\"shape\":[2],\"values\":[-2]}}}\n");
  EXPECT_EQ(rows_of(text).size(), 2u);
}

}  // namespace
}  // namespace millrace
