#include "core/json/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace {
namespace {

using testing::HasSubstr;

std::string refusal(std::string_view text, JsonLimits limits = {}) {
  try {
    static_cast<void>(parse_json(text, "body", limits));
    return "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
}

TEST(ParseJson, KeepsOrderAndTheLastOfRepeatedMembers) {
  EXPECT_EQ(to_text(parse_json(R"({"b": 1, "a": [true, null], "b": 2})", "body")), R"({"b":2,"a":[true,null]})");
}

TEST(ParseJson, SaysWhereTextIsWrong) {
  EXPECT_THAT(refusal("{\"a\": }"), HasSubstr("body, byte 7: not valid JSON: "));
  EXPECT_THAT(refusal(""), HasSubstr("body, byte 1"));
  EXPECT_THAT(refusal("{} x"), HasSubstr("body, byte 4"));
  EXPECT_THAT(refusal("\"\xFF\""), HasSubstr("not valid JSON"));
}

TEST(ParseJson, ANumberBeyondDoubleIsRefusedLikeOtherInput) {
  EXPECT_THAT(refusal("[1e999]"), HasSubstr("body: a number is too large"));
}

TEST(ParseJson, HasALimitOfDepth) {
  EXPECT_EQ(refusal("[[[1]]]", {.max_depth = 3}), "accepted");
  EXPECT_EQ(refusal("[[[[1]]]]", {.max_depth = 3}), "body, byte 3: nested deeper than the limit of 3");
  EXPECT_EQ(refusal("[\"[[[[\", \"\\\"[[[[\"]", {.max_depth = 1}), "accepted") << "brackets in text do not count";
  EXPECT_THAT(refusal(std::string(100'000, '[')), HasSubstr("nested deeper"));
}

TEST(ParseJson, HasALimitOfMembersOfOneObject) {
  EXPECT_EQ(refusal(R"({"a": {"b": 1, "c": 2}, "d": "x:y:z"})", {.max_members = 2}), "accepted");
  EXPECT_EQ(refusal(R"({"a": 1, "b": 2, "c": 3})", {.max_members = 2}),
            "body, byte 20: more members in one object than the limit of 2");
  EXPECT_EQ(refusal(R"([{"a": 1}, {"a": 1}, {"a": 1}])", {.max_members = 1}), "accepted") << "each object counts alone";
}

TEST(ParseJson, HasALimitOfBytes) {
  EXPECT_THAT(refusal("[1, 2, 3]", {.max_bytes = 5}), HasSubstr("body is larger than the limit of 5 bytes"));
}

}  // namespace
}  // namespace millrace
