#include "platform/runner/checkpoints.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <thread>
#include <vector>

#include "core/io/file.h"
#include "platform/runner/fake_daemon_for_test.h"

namespace millrace::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class CheckpointsTest : public testing::Test {
 protected:
  CheckpointsTest() { fs::create_directory(directory_); }

  void write(const std::string& path, const std::string& content) {
    fs::create_directories((directory_ / path).parent_path());
    write_all(create_for_writing(directory_ / path).get(), content);
  }
  std::string stored(const std::string& key) { return read_file(store_.path("b", key)); }
  static void eventually(const std::function<bool()>& holds) {
    while (!holds()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  FakeStore store_;
  const fs::path directory_ = store_.directory() / "checkpoints";
  ConnectDaemon connect_ = store_.connector();
  Patience patience_{.limit = std::chrono::seconds(5)};
  std::vector<std::string> notes_;
  Checkpoints checkpoints_{directory_, "s3://b/run", connect_, patience_,
                           [this](std::string_view line) { notes_.emplace_back(line); }};
};

TEST_F(CheckpointsTest, WhatThePrefixHoldsIsThereBeforeTheStartAndNothingBesides) {
  store_.add("b", "run/a/1.pt", "one");
  store_.add("b", "run/2.pt", "two");
  store_.add("b", "run-2/other", "not ours");
  for (const bool elsewhere : {false, true}) {
    store_.elsewhere = elsewhere;
    fs::remove_all(directory_);
    fs::create_directory(directory_);
    checkpoints_.restore({});
    EXPECT_EQ(read_file(directory_ / "a/1.pt"), "one");
    EXPECT_EQ(read_file(directory_ / "2.pt"), "two");
    EXPECT_EQ(std::distance(fs::recursive_directory_iterator(directory_), {}), 3);
    write("a/1.pt", "changed");
    EXPECT_EQ(stored("run/a/1.pt"), "one") << "the store's own file is not the program's";
  }
}

TEST_F(CheckpointsTest, FilesAreStoredWhileTheProgramRunsAndDeletionsFollow) {
  store_.add("b", "run/old.pt", "old");
  checkpoints_.restore({});
  checkpoints_.start();
  write("new/1.pt", "one");
  eventually([&] { return store_.has("b", "run/new/1.pt"); });
  EXPECT_EQ(stored("run/new/1.pt"), "one");
  write("new/1.pt", "another");
  eventually([&] { return stored("run/new/1.pt") == "another"; });
  fs::remove(directory_ / "old.pt");
  eventually([&] { return !store_.has("b", "run/old.pt"); });
  checkpoints_.finish();
}

TEST_F(CheckpointsTest, AFileThatIsStillOpenForWritingWaitsForItsEnd) {
  checkpoints_.restore({});
  const Fd open_file = create_for_writing(directory_ / "half.pt");
  write_all(open_file.get(), "half");
  checkpoints_.start();
  // Two files that come to rest one after the other: by then the open one has been looked at often.
  for (const char* name : {"a.pt", "b.pt"}) {
    write(name, "whole");
    eventually([&] { return store_.has("b", std::string("run/") + name); });
  }
  EXPECT_FALSE(store_.has("b", "run/half.pt"));
  write_all(open_file.get(), "+half");
  checkpoints_.finish();
  EXPECT_EQ(stored("run/half.pt"), "half+half");
}

TEST_F(CheckpointsTest, TheLastPassStoresWhatWasWrittenInTheLastMoment) {
  checkpoints_.restore({});
  checkpoints_.start();
  write("last.pt", std::string(40'000'000, 'x'));
  checkpoints_.finish();
  EXPECT_EQ(stored("run/last.pt").size(), 40'000'000U);
}

TEST_F(CheckpointsTest, WhatIsUnchangedIsNotStoredAgain) {
  store_.add("b", "run/a.pt", "a");
  const fs::path before = store_.path("b", "run/a.pt");
  checkpoints_.restore({});
  checkpoints_.finish();
  EXPECT_EQ(store_.path("b", "run/a.pt"), before);
}

TEST_F(CheckpointsTest, LinksAreNeitherFollowedNorStored) {
  checkpoints_.restore({});
  fs::create_symlink("/etc/passwd", directory_ / "link");
  fs::create_directory_symlink("/etc", directory_ / "etc");
  write("a.pt", "a");
  checkpoints_.finish();
  EXPECT_TRUE(store_.has("b", "run/a.pt"));
  EXPECT_FALSE(store_.has("b", "run/link"));
  EXPECT_THAT(notes_, ElementsAre("left out of the checkpoints: 'etc', it is no regular file",
                                  "left out of the checkpoints: 'link', it is no regular file"));
}

TEST_F(CheckpointsTest, ADaemonThatIsGoneForAWhileLosesNothing) {
  checkpoints_.restore({});
  store_.fail_next = 4;
  write("a.pt", "a");
  checkpoints_.finish();
  EXPECT_EQ(stored("run/a.pt"), "a");
}

TEST_F(CheckpointsTest, AStoreThatRefusesIsNamedWithTheObject) {
  checkpoints_.restore({});
  store_.missing_bucket = "b";
  write("a.pt", "a");
  try {
    checkpoints_.finish();
    FAIL() << "stored in a bucket that is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_STREQ(error.what(),
                 "uploading the checkpoints, s3://b/run/a.pt: The specified bucket does not exist");
  }
}

TEST_F(CheckpointsTest, AnotherHostsFilesAreNotDeleted) {
  checkpoints_.restore({});
  store_.add("b", "run/host-2.pt", "theirs");
  write("host-1.pt", "ours");
  checkpoints_.finish();
  EXPECT_TRUE(store_.has("b", "run/host-1.pt"));
  EXPECT_TRUE(store_.has("b", "run/host-2.pt"));
}

}  // namespace
}  // namespace millrace::runner
