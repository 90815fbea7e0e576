#include "platform/runner/processing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/io/file.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

class ProcessingTest : public testing::Test {
 protected:
  ~ProcessingTest() override { fs::remove_all(root_); }

  wire::control::JobOutcome message(const std::string& text) {
    const Workspace workspace(root_, "processing.job");
    write_all(create_for_writing(workspace.writable() / "output" / "message").get(), text);
    wire::control::JobOutcome outcome{.result = "Completed"};
    read_exit_message(workspace, outcome);
    return outcome;
  }

  fs::path root_ = fs::temp_directory_path() / ("processing_" + random_hex(6));
};

TEST_F(ProcessingTest, TheExitMessageIsTheBeginningOfItsFile) {
  EXPECT_EQ(message("done").exit_message, "done");
  EXPECT_FALSE(message("").exit_message);
  EXPECT_EQ(message(std::string(5000, 'x')).exit_message, std::string(1024, 'x'));
  // 341 characters of three bytes are 1023 bytes; the next is cut.
  std::string snow;
  for (int i = 0; i < 500; ++i) snow += "☃";
  EXPECT_EQ(message(snow).exit_message, snow.substr(0, 1023));
}

TEST_F(ProcessingTest, AMessageThatIsNoTextFailsTheJob) {
  const auto outcome = message("\xff\xfe");
  EXPECT_EQ(outcome.result, "Failed");
  EXPECT_EQ(outcome.failure_reason,
            "ClientError: /opt/ml/output/message is not UTF-8, as an exit message has to be");
  EXPECT_FALSE(outcome.exit_message);
}

TEST_F(ProcessingTest, WhatLiesInsideSomethingElseIsMountedBehindIt) {
  fs::create_directories(root_ / "outer");
  std::vector<Bind> binds{
      {.source = root_ / "inner", .target = "/opt/ml/processing/in/a/b", .writable = true},
      {.source = root_ / "outer", .target = "/opt/ml/processing/in"},
      {.source = root_ / "other", .target = "/opt/ml/processing/inner"}};
  nest(binds);
  EXPECT_THAT(binds, ElementsAre(Field(&Bind::source, root_ / "outer"),
                                 Field(&Bind::source, root_ / "other"),
                                 Field(&Bind::source, root_ / "inner")));
  EXPECT_TRUE(fs::is_directory(root_ / "outer" / "a" / "b")) << "to be mounted on";
  EXPECT_FALSE(fs::exists(root_ / "other"));
}

TEST_F(ProcessingTest, APlaceThatIsAFileOfAnInputIsTheRequestsMistake) {
  fs::create_directories(root_ / "outer");
  write_all(create_for_writing(root_ / "outer" / "a").get(), "a file");
  for (const char* place : {"/opt/ml/processing/in/a", "/opt/ml/processing/in/a/b"}) {
    const bool writable = std::string_view(place).ends_with("b");
    std::vector<Bind> binds{
        {.source = root_ / "outer", .target = "/opt/ml/processing/in", .writable = writable},
        {.source = root_ / "inner", .target = place, .writable = true}};
    try {
      nest(binds);
      ADD_FAILURE() << place << " is a directory";
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      EXPECT_THAT(error.what(), HasSubstr(std::string("'") + place +
                                          "' cannot be a directory of the job: the input at "
                                          "'/opt/ml/processing/in' has a file of that name"));
    }
  }
}

}  // namespace
}  // namespace millrace::runner
