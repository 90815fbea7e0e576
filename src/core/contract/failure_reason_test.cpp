#include "core/contract/failure_reason.h"

#include <gtest/gtest.h>

#include "core/base/text.h"

namespace millrace {
namespace {

TEST(FailureReason, CarriesTheFailureFileAndTheExitCode) {
  EXPECT_EQ(failure_reason("ExecuteUserScriptError:\nExitCode 1\nErrorMessage \"ValueError\"\n", 1),
            "AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage \"ValueError\", "
            "exit code: 1");
}

TEST(FailureReason, WithoutAFileItIsTheExitCode) {
  EXPECT_EQ(failure_reason("", 137), "AlgorithmError: exit code: 137");
  EXPECT_EQ(failure_reason(" \n", 2), "AlgorithmError: exit code: 2");
}

TEST(FailureReason, AProgramThatBlamesItsInputKeepsTheWord) {
  EXPECT_EQ(failure_reason("ClientError: hyperparameter 'epochs': got \"ten\"", 1),
            "ClientError: hyperparameter 'epochs': got \"ten\", exit code: 1");
}

TEST(FailureReason, ALongTextIsCutOnACharacterBoundary) {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'x');
    while (text.size() < 5000) text += "𝛼";
    const std::string reason = failure_reason(text, 1);
    EXPECT_LE(reason.size(), kMaxFailureReasonBytes);
    EXPECT_GT(reason.size(), kMaxFailureReasonBytes - 4);
    EXPECT_TRUE(is_valid_utf8(reason));
    EXPECT_TRUE(reason.ends_with("𝛼, exit code: 1"));
  }
}

TEST(FailureReason, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(failure_reason("bad \xff\xfe byte", 1),
            "AlgorithmError: bad \uFFFD\uFFFD byte, exit code: 1");
  EXPECT_LE(failure_reason(std::string(5000, '\xff'), 1).size(), kMaxFailureReasonBytes);
}

}  // namespace
}  // namespace millrace
