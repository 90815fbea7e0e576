#include "trainer/job/checkpoint_file.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/io/file.h"
#include "core/io/zip_archive.h"
#include "trainer/job/job_folder.h"

namespace millrace {
namespace {

class Checkpoints : public testing::Test {
 protected:
  Checkpoints() { std::filesystem::create_directories(directory()); }

  [[nodiscard]] std::filesystem::path directory() const { return folder_.paths().checkpoints(); }
  [[nodiscard]] std::string refusal(const std::string& file) const {
    write_file_durably(directory() / "knitting.checkpoint", file);
    try {
      (void)read_checkpoint_file(directory(), "knitting");
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.what();
    }
    return "accepted";
  }

  JobFolder folder_{{}};
};

TEST_F(Checkpoints, AreReadAsTheyWereWritten) {
  const CheckpointFile written{
      .state = {{"epochs", 3}},
      .lists = {{"weights", {{.name = "a", .shape = {2, 1}, .values = {1, 2}}}}, {"moments", {}}}};
  write_checkpoint_file(directory(), "knitting", written);
  const auto read = read_checkpoint_file(directory(), "knitting");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->state, written.state);
  ASSERT_EQ(read->lists.size(), 2U);
  EXPECT_TRUE(read->lists.at("moments").empty());
  ASSERT_EQ(read->lists.at("weights").size(), 1U);
  EXPECT_EQ(read->lists.at("weights")[0].shape, (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(read->lists.at("weights")[0].values, (std::vector<float>{1, 2}));
}

TEST_F(Checkpoints, AreThereOnlyWhereTheJobHasADirectoryForThem) {
  EXPECT_FALSE(read_checkpoint_file(directory(), "knitting"));
  write_checkpoint_file(directory() / "none", "knitting", {.state = Json::object(), .lists = {}});
  EXPECT_FALSE(std::filesystem::exists(directory() / "none"));
}

TEST_F(Checkpoints, WhatIsDamagedIsNamedWithItsFile) {
  EXPECT_TRUE(refusal("no archive").starts_with("knitting.checkpoint, byte "));
  EXPECT_EQ(
      refusal(write_zip({{"state.json", "[]"}})),
      "knitting.checkpoint: expected an object in state.json. The checkpoint is damaged: remove "
      "it, and training starts anew.");
  EXPECT_TRUE(refusal(write_zip({{"state.json", "{"}}))
                  .starts_with("knitting.checkpoint, state.json, byte "));
  EXPECT_TRUE(refusal(write_zip({{"state.json", "{}"}, {"weights.params", "x"}}))
                  .starts_with("knitting.checkpoint, weights.params, byte "));
}

}  // namespace
}  // namespace millrace
