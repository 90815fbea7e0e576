#include "platform/runner/transform/transform_settings.h"

#include <gtest/gtest.h>

namespace millrace::runner {
namespace {

wire::control::TransformTicket ticket() {
  return {.split_type = "Line"};
}

std::string settings(const wire::control::TransformTicket& ticket, const char* parameters) {
  return transform_settings(
             ticket, parameters == nullptr ? std::nullopt : std::optional<std::string>(parameters))
      .text();
}

TEST(TransformSettings, AreTheServicesWhereNobodySaysOtherwise) {
  const char* defaults = "MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD";
  EXPECT_EQ(settings(ticket(), nullptr), defaults);
  EXPECT_EQ(settings(ticket(), "<html>"), defaults);
  EXPECT_EQ(settings(ticket(), "[1]"), defaults);
  EXPECT_EQ(settings(ticket(), R"({"MaxPayloadInMB": "6", "BatchStrategy": 7})"), defaults);
}

TEST(TransformSettings, AreTheServersWhereTheRequestIsSilent) {
  const char* parameters =
      R"({"MaxConcurrentTransforms": 8, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 2})";
  EXPECT_EQ(settings(ticket(), parameters),
            "MaxConcurrentTransforms=8, MaxPayloadInMB=2, BatchStrategy=SINGLE_RECORD");
  auto asked = ticket();
  asked.max_concurrent_transforms = 0;
  EXPECT_EQ(settings(asked, parameters),
            "MaxConcurrentTransforms=8, MaxPayloadInMB=2, BatchStrategy=SINGLE_RECORD");
  asked.max_concurrent_transforms = 3;
  asked.max_payload_in_mb = 4;
  asked.batch_strategy = "MultiRecord";
  EXPECT_EQ(settings(asked, parameters),
            "MaxConcurrentTransforms=3, MaxPayloadInMB=4, BatchStrategy=MULTI_RECORD");
}

TEST(TransformSettings, AServerThatAsksForTooMuchGetsFewerAtATime) {
  EXPECT_EQ(settings(ticket(), R"({"MaxConcurrentTransforms": 64, "MaxPayloadInMB": 1000})"),
            "MaxConcurrentTransforms=1, MaxPayloadInMB=100, BatchStrategy=MULTI_RECORD");
  EXPECT_EQ(settings(ticket(), R"({"MaxConcurrentTransforms": 64, "MaxPayloadInMB": 10})"),
            "MaxConcurrentTransforms=10, MaxPayloadInMB=10, BatchStrategy=MULTI_RECORD");
}

TEST(TransformSettings, ObjectsAreStreamedWhereNothingLimitsARequest) {
  auto asked = ticket();
  asked.max_payload_in_mb = 0;
  EXPECT_TRUE(transform_settings(asked, {}).streams(asked));
  asked.batch_strategy = "SingleRecord";
  EXPECT_FALSE(transform_settings(asked, {}).streams(asked)) << "lines are sent one by one";
  asked.split_type = "None";
  EXPECT_TRUE(transform_settings(asked, {}).streams(asked));
  asked.max_payload_in_mb = 6;
  EXPECT_FALSE(transform_settings(asked, {}).streams(asked));
}

}  // namespace
}  // namespace millrace::runner
