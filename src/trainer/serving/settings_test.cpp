#include "trainer/serving/settings.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/base/error.h"

namespace millrace::serving {
namespace {

using namespace std::chrono_literals;

Settings read(const std::map<std::string, std::string>& variables) {
  return read_settings([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

std::string refusal(const std::map<std::string, std::string>& variables) {
  try {
    read(variables);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(Settings, AreThoseOfTheHostingContractUnlessTheEnvironmentSaysOtherwise) {
  const Settings settings = read({});
  EXPECT_EQ(settings.address, "0.0.0.0");
  EXPECT_EQ(settings.port, 8080);
  EXPECT_EQ(settings.max_payload_bytes, 6291456U);
  EXPECT_EQ(settings.default_accept, "");
  EXPECT_EQ(settings.batch_delay, 1ms);
}

TEST(Settings, FollowTheEnvironment) {
  const Settings settings = read({{"SAGEMAKER_BIND_TO_PORT", "9000"},
                                  {"SAGEMAKER_MAX_PAYLOAD_IN_MB", "100"},
                                  {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv"},
                                  {"MILLRACE_BATCH_DELAY_MS", "2.5"}});
  EXPECT_EQ(settings.port, 9000);
  EXPECT_EQ(settings.max_payload_bytes, 104857600U);
  EXPECT_EQ(settings.default_accept, "text/csv");
  EXPECT_EQ(settings.batch_delay, 2500us);
  EXPECT_EQ(read({{"SAGEMAKER_MAX_PAYLOAD_IN_MB", "0"}}).max_payload_bytes, std::nullopt);
}

TEST(Settings, RefuseWhatAVariableCannotBe) {
  for (const char* port : {"", "x", "-1", "65536", "80 80"})
    EXPECT_NE(refusal({{"SAGEMAKER_BIND_TO_PORT", port}}).find("SAGEMAKER_BIND_TO_PORT"),
              std::string::npos)
        << port;
  for (const char* megabytes : {"", "6MB", "-1", "1.5", "99999999999"})
    EXPECT_NE(refusal({{"SAGEMAKER_MAX_PAYLOAD_IN_MB", megabytes}}).find("whole number from 0"),
              std::string::npos)
        << megabytes;
  for (const char* delay : {"", "soon", "-1", "1001", "nan", "inf"})
    EXPECT_NE(refusal({{"MILLRACE_BATCH_DELAY_MS", delay}}).find("milliseconds"), std::string::npos)
        << delay;
}

}  // namespace
}  // namespace millrace::serving
