#include "platform/cli/pack_progress.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/io/file.h"
#include "core/json/json.h"
#include "platform/cli/unfinished_work.h"

namespace millrace::cli {
namespace {

class PackProgressFile : public testing::Test {
 protected:
  PackProgressFile() { std::filesystem::create_directory(folder_); }
  ~PackProgressFile() override { std::filesystem::remove_all(folder_); }

  /// Two records; where each ends.
  std::vector<std::uint64_t> write_records() {
    ImageRecordFile file(create_for_writing(partial_));
    std::vector<std::uint64_t> ends;
    for (const std::uint64_t id : {7, 9}) {
      file.add(id, {1}, "image of " + std::to_string(id));
      ends.push_back(file.bytes());
    }
    file.sync();
    return ends;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("millrace-" + random_hex(8));
  const std::filesystem::path target_ = folder_ / "t.rec";
  const std::filesystem::path partial_ = folder_ / "t.rec.partial";
};

TEST_F(PackProgressFile, WhatWasWrittenIsGoneOnWithUpToWhereItWasSaved) {
  const std::vector<std::uint64_t> ends = write_records();
  const auto both = begun_records(partial_, {.lines = 5, .bytes = ends[1], .records = 2});
  EXPECT_EQ(both.index, "7\t0\n9\t" + std::to_string(ends[0]) + "\n");
  EXPECT_EQ(both.records, 2);
  const auto one = begun_records(partial_, {.lines = 3, .bytes = ends[0], .records = 1});
  EXPECT_EQ(one.index, "7\t0\n");
  EXPECT_EQ(one.bytes, ends[0]);
}

TEST_F(PackProgressFile, AFileThatIsNotWhatWasSavedIsBegunAnew) {
  const std::vector<std::uint64_t> ends = write_records();
  EXPECT_EQ(begun_records(partial_, {.bytes = ends[1] + 4, .records = 3}).records, 0) << "shorter";
  EXPECT_EQ(begun_records(partial_, {.bytes = ends[1], .records = 1}).records, 0)
      << "another count";
  EXPECT_EQ(begun_records(partial_, {.bytes = ends[1] - 4, .records = 2}).records, 0)
      << "in between";
}

TEST_F(PackProgressFile, OneProcessAtATimeHasIt) {
  const Fd first = open_alone(partial_);
  EXPECT_THROW((void)open_alone(partial_), Error);
}

TEST_F(PackProgressFile, ProgressComesBackForTheSameWorkOnly) {
  const PackProgress progress{
      .lines = 12,
      .bytes = 4096,
      .records = 10,
      .broken = {{.line = 3, .reason = "a.lst, line 4: cut", .bytes = 800, .records = 3},
                 {.line = 9, .reason = "gone", .bytes = 3000, .records = 8}}};
  const UnfinishedWork unfinished(target_);
  const Json work{{"resize", 256}, {"list", "abc"}};
  EXPECT_FALSE(unfinished.find(work));
  unfinished.save(work, to_json(progress));
  PackProgress back = pack_progress_of(unfinished.find(work)->done);
  EXPECT_EQ(to_json(back), to_json(progress));
  EXPECT_EQ(unfinished.find({{"resize", 224}, {"list", "abd"}})->differs, "resize, list");
  EXPECT_EQ(unfinished.find({{"resize", 224}, {"list", "abc"}})->differs, "resize");

  back.go_back(1);
  EXPECT_EQ(back.lines, 9U);
  EXPECT_EQ(back.bytes, 3000U);
  EXPECT_EQ(back.records, 8);
  EXPECT_EQ(back.broken.size(), 1U);

  back.broken.resize(300'000, {.line = 100'000'000, .reason = {}, .bytes = 1'000'000'000});
  unfinished.save(work, to_json(back));
  EXPECT_EQ(pack_progress_of(unfinished.find(work)->done).broken.size(), 300'000U);

  write_file_durably(unfinished.path, "{\"work\": {\"resize\"");
  EXPECT_FALSE(unfinished.find(work)) << "what cannot be read counts as nothing";
  unfinished.remove();
  EXPECT_FALSE(std::filesystem::exists(unfinished.path));
}

TEST_F(PackProgressFile, ProgressComesBackHoweverManyImagesAreBroken) {
  PackProgress progress{.lines = 100'000};
  for (std::uint64_t line = 0; line < progress.lines; ++line)
    progress.broken.push_back({.line = line, .reason = std::string(200, 'x')});
  const UnfinishedWork unfinished(target_);
  const Json work{{"list", "abc"}};
  unfinished.save(work, to_json(progress));
  const auto found = unfinished.find(work);
  ASSERT_TRUE(found);
  EXPECT_EQ(pack_progress_of(found->done).broken.size(), progress.broken.size());
}

}  // namespace
}  // namespace millrace::cli
