#include "core/contract/channel_report.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace {
namespace {

std::string refusal(std::string_view text) {
  try {
    parse_channel_reports(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "taken";
}

TEST(ChannelReport, WhatIsWrittenIsRead) {
  const ChannelReports reports{{"train",
                                {.records = 3000,
                                 .passes = 3,
                                 .records_per_pass = 1000,
                                 .seconds = 1.5,
                                 .seconds_waited = 0.25}},
                               {"validation", {.records = 7}}};
  EXPECT_EQ(parse_channel_reports(channel_reports_json(reports)), reports);
}

TEST(ChannelReport, WhatIsAbsentStaysAbsentAndWhatIsUnknownIsPassedOver) {
  const ChannelReports reports =
      parse_channel_reports(R"({"a":{"colour":"red"},"b":{"passes":0}})");
  EXPECT_EQ(reports.at("a"), ChannelReport{});
  EXPECT_EQ(reports.at("b").passes, 0);
  EXPECT_FALSE(reports.at("b").records);
}

TEST(ChannelReport, WhatIsNoNumberIsRefusedByItsPlace) {
  EXPECT_EQ(refusal("[]"), "channels.json: got \"[]\", expected a JSON object.");
  EXPECT_EQ(refusal(R"({"a":3})"),
            "channels.json, channel 'a': got \"3\", expected a JSON object.");
  for (const char* value : {"-1", "1.5", "\"7\"", "1e300", "null", "9007199254740992"}) {
    EXPECT_EQ(refusal(std::string(R"({"a":{"records":)") + value + "}}")
                  .substr(0, sizeof("channels.json, channel 'a', member 'records': ") - 1),
              "channels.json, channel 'a', member 'records': ")
        << value;
  }
  EXPECT_EQ(refusal(R"({"a":{"seconds":1.5,"records":9007199254740991}})"), "taken");
  EXPECT_NE(refusal(R"({"a":{"records":1}} x)"), "taken");
  EXPECT_NE(refusal("{\"a\":{\"x\":\"" + std::string(kMaxChannelReportBytes, 'x') + "\"}}"),
            "taken");
}

}  // namespace
}  // namespace millrace
