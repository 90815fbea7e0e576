#include "core/json/json_path.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/json/json.h"

namespace millrace {
namespace {

std::string selected(const char* path, const char* document) {
  try {
    return to_text(JsonPath(path, "InputFilter").select(parse_json(document, "d"), "line 3"));
  } catch (const Error& error) {
    return error.what();
  }
}

std::string columns(const char* path, std::size_t count) {
  try {
    std::string text;
    for (const std::size_t column : JsonPath(path, "InputFilter").select_columns(count, "line 3"))
      text += std::to_string(column) + " ";
    return text;
  } catch (const Error& error) {
    return error.what();
  }
}

std::string refusal(const char* path) {
  try {
    JsonPath(path, "InputFilter");
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(JsonPath, SelectsMembersElementsAndRuns) {
  const char* row = R"({"id": 7, "features": {"a": [1, 2, 3], "b": "x"}, "odd.name": true})";
  EXPECT_EQ(selected("$", row), R"({"id":7,"features":{"a":[1,2,3],"b":"x"},"odd.name":true})");
  EXPECT_EQ(selected("$.features.a", row), "[1,2,3]");
  EXPECT_EQ(selected("$['features']['b']", row), "\"x\"");
  EXPECT_EQ(selected("$[\"odd.name\"]", row), "true");
  EXPECT_EQ(selected("$.features.a[0]", row), "1");
  EXPECT_EQ(selected("$.features.a[-1]", row), "3");
  EXPECT_EQ(selected("$.features.a[0,-1]", row), "[1,3]");
  EXPECT_EQ(selected("$.features.a[1:]", row), "[2,3]");
  EXPECT_EQ(selected("$.features.a[:-1]", row), "[1,2]");
  EXPECT_EQ(selected("$.features.a[2,0:2]", row), "[3,1,2]");
  EXPECT_EQ(selected("$.features.*", row), R"([[1,2,3],"x"])");
  EXPECT_EQ(selected("$.features.a[*]", row), "[1,2,3]");
}

TEST(JsonPath, SeveralNamesAtTheEndSelectAnObject) {
  const char* joined = R"({"id": 7, "x": 1, "SageMakerOutput": {"score": 0.5}})";
  EXPECT_EQ(selected("$['id','SageMakerOutput']", joined),
            R"({"id":7,"SageMakerOutput":{"score":0.5}})");
  EXPECT_EQ(selected("$.['id', 'absent']", joined), R"({"id":7})");
}

TEST(JsonPath, BehindSeveralValuesOnlyThoseThatHaveTheNameAreSelected) {
  EXPECT_EQ(selected("$.p[*].s", R"({"p": [{"s": 1}, {"t": 2}, {"s": 3}]})"), "[1,3]");
  EXPECT_EQ(selected("$[*][0]", R"([[1, 2], [3], 4])"), "[1,3]");
}

TEST(JsonPath, WhatIsNotThereIsToldWithItsPlace) {
  EXPECT_EQ(selected("$.b", R"({"a": 1})"), "line 3: there is no member 'b', which $.b selects");
  EXPECT_EQ(selected("$.a[1]", R"({"a": [1]})"),
            "line 3: $.a[1] selects element 1, and there are 1, counted from 0");
  EXPECT_EQ(selected("$.a", "[1]"), "line 3: $.a needs an object, and there is [1]");
  EXPECT_EQ(selected("$[0]", "\"x\""), "line 3: $[0] needs an array, and there is \"x\"");
  EXPECT_EQ(selected("$.*", "5"), "line 3: $.* needs an object or an array, and there is 5");
}

TEST(JsonPath, SelectsColumnsOfARow) {
  EXPECT_EQ(columns("$", 3), "0 1 2 ");
  EXPECT_EQ(columns("$[*]", 2), "0 1 ");
  EXPECT_EQ(columns("$[1:]", 3), "1 2 ");
  EXPECT_EQ(columns("$[0,-1]", 4), "0 3 ");
  EXPECT_EQ(columns("$[0,2:9]", 4), "0 2 3 ");
  EXPECT_EQ(columns("$[4]", 4), "line 3: $[4] selects element 4, and there are 4, counted from 0");
  EXPECT_EQ(columns("$[9:]", 4), "line 3: $[9:] selects none of the row's 4 columns");
  EXPECT_TRUE(JsonPath("$[1]", "f").selects_columns());
  EXPECT_FALSE(JsonPath("$.a", "f").selects_columns());
  EXPECT_FALSE(JsonPath("$[0][1]", "f").selects_columns());
}

TEST(JsonPath, WhatIsNoPathOrNotSupportedIsRefusedAtItsCharacter) {
  const auto refused = [](const char* path, const char* expected) {
    EXPECT_NE(refusal(path).find(expected), std::string::npos) << refusal(path);
  };
  refused("", "at character 1 '$'");
  refused("id", "at character 1 '$'");
  refused("$..id", "recursive descent");
  refused("$[?(@.x)]", "conditions and functions are not supported");
  refused("$.a.length()", "functions are not supported");
  refused("$[1:2:3]", "steps of a run are not supported");
  refused("$[", "at character 3 a number");
  refused("$['a", "closing quote");
  refused("$['a'", "at character 6 ']'");
  refused("$['a',1]", "a name in quotes");
  refused("$[1,]", "a number");
  refused("$.", "the name of a member");
  refused("$x", "'.' or '['");
  refused("$[99999999999999999999]", "a whole number");
}

}  // namespace
}  // namespace millrace
