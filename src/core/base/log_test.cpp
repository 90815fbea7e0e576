#include "core/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(LogEvent, IsOneLineOfKeysAndValues) {
  testing::internal::CaptureStderr();
  log_event("job-started", {{"job", "a-1"}, {"pid", "42"}});
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::MatchesRegex("time=[0-9T:.-]+Z event=job-started job=a-1 pid=42\n"));
}

TEST(LogEvent, QuotesWhatWouldBreakTheLine) {
  testing::internal::CaptureStderr();
  log_event("x", {{"message", "say \"hi\"\nevent=forged"}, {"empty", ""}});
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::HasSubstr("event=x message=\"say \\\"hi\\\"\\x0aevent=forged\" empty=\"\"\n"));
}

}  // namespace
}  // namespace millrace
