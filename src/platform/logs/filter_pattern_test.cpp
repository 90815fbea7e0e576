#include "platform/logs/filter_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::logs {
namespace {

bool matches(std::string_view pattern, std::string_view message) {
  return FilterPattern(pattern).matches(message);
}

TEST(FilterPattern, NothingMatchesEverything) {
  EXPECT_TRUE(matches("", "any"));
  EXPECT_TRUE(matches("  ", ""));
}

TEST(FilterPattern, EveryWordMustOccurInAnyOrderWithRegardToCase) {
  EXPECT_TRUE(matches("loss epoch", "epoch=3 loss=0.5"));
  EXPECT_FALSE(matches("loss batch", "epoch=3 loss=0.5"));
  EXPECT_FALSE(matches("LOSS", "epoch=3 loss=0.5"));
}

TEST(FilterPattern, APhraseKeepsItsSpacesAndMayHoldQuotationMarks) {
  EXPECT_TRUE(matches("\"out of memory\"", "killed: out of memory"));
  EXPECT_FALSE(matches("\"out of memory\"", "memory out of"));
  EXPECT_TRUE(matches(R"("a \"b\"")", R"(say a "b" now)"));
}

TEST(FilterPattern, QuestionMarksAskForOneOfSeveralAndMinusesForNone) {
  EXPECT_TRUE(matches("?ERROR ?WARN", "WARN: hot"));
  EXPECT_FALSE(matches("?ERROR ?WARN", "INFO: fine"));
  EXPECT_FALSE(matches("ERROR -retrying", "ERROR, retrying"));
  EXPECT_TRUE(matches("ERROR -\"will retry\"", "ERROR, will not retry"));
}

TEST(FilterPattern, RefusesWhatItDoesNotKnowByName) {
  for (const char* pattern : {"{ $.level = 3 }", "[a, b]", "%^x%"}) {
    try {
      const FilterPattern refused(pattern);
      FAIL() << pattern;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "InvalidParameterException");
      EXPECT_THAT(error.what(), ::testing::HasSubstr("are not supported. Give words"));
    }
  }
  EXPECT_THROW(FilterPattern("\"open"), Error);
}

}  // namespace
}  // namespace millrace::logs
