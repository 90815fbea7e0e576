#include "platform/runner/metric_patterns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::runner {
namespace {

std::vector<std::pair<std::string, double>> found(const std::vector<MetricDefinition>& definitions,
                                                  std::string_view line) {
  std::vector<std::pair<std::string, double>> values;
  const MetricPatterns patterns(definitions);
  patterns.search(line,
                  [&](const MetricValue& value) { values.emplace_back(value.name, value.value); });
  return values;
}

using Values = std::vector<std::pair<std::string, double>>;

TEST(MetricPatterns, GroupOneOfTheFirstMatchAnywhereInTheLineIsTheValue) {
  EXPECT_EQ(found({{"loss", "loss=([0-9.e+-]+)"}, {"acc", "acc[a-z]*: (\\S+)"}},
                  "Epoch[3] loss=1.5e-3 loss=9 accuracy: .75"),
            (Values{{"loss", 1.5e-3}, {"acc", 0.75}}));
}

TEST(MetricPatterns, WhatIsNoFiniteNumberIsIgnored) {
  for (const char* line :
       {"loss=nan", "loss=inf", "loss=-Infinity", "loss=", "loss=1x", "loss=0x10", "other"}) {
    EXPECT_EQ(found({{"loss", "loss=(\\S*)"}}, line), Values{}) << line;
  }
}

TEST(MetricPatterns, APatternWithoutItsGroupFindsNothing) {
  EXPECT_EQ(found({{"loss", "loss=[0-9]+"}, {"either", "loss=1|acc=(.)"}}, "loss=1"), Values{});
}

TEST(MetricPatterns, PythonsNamedGroupsAndUnicodeWork) {
  EXPECT_EQ(found({{"m", "größe .=(?P<value>[0-9]+)"}}, "größe 𝛼=3"), (Values{{"m", 3}}));
}

TEST(MetricPatterns, ACarelessPatternIsGivenUpAndTheOthersStillRun) {
  EXPECT_EQ(found({{"bad", "(a+)+$b"}, {"good", "v=(\\d)"}}, std::string(5000, 'a') + " v=1"),
            (Values{{"good", 1}}));
}

TEST(MetricPatterns, AnInvalidPatternIsNamed) {
  const MetricPatterns patterns(std::vector<MetricDefinition>{{"loss", "loss=(["}});
  EXPECT_THAT(patterns.problems(),
              testing::ElementsAre(
                  "metric 'loss' is never found: its Regex \"loss=([\" is not valid: missing "
                  "terminating ] for character class at character 7"));
}

}  // namespace
}  // namespace millrace::runner
