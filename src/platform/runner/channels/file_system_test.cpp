#include "platform/runner/channels/file_system.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <thread>
#include <vector>

#include "core/io/file.h"
#include "platform/runner/channels/channel_fixture_for_test.h"

namespace millrace::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class FileSystemChannelTest : public ChannelTest {
 protected:
  FileSystemChannelTest() : ChannelTest("File") {
    fs::create_directories(root_);
    channel_.s3_source.reset();
    channel_.file_system = wire::control::TicketFileSystem{.file_system_id = "fs-0123456789",
                                                           .file_system_type = "EFS",
                                                           .access_mode = "ro",
                                                           .directory_path = "/",
                                                           .host_path = root_.string()};
  }

  void SetUp() override {
    if (::access("/dev/fuse", R_OK | W_OK) != 0 || ::geteuid() != 0)
      GTEST_SKIP() << "this user may not mount";
  }

  std::unique_ptr<ChannelFeed> open(const std::string& path, const std::string& mode = "ro") {
    channel_.file_system->directory_path = path;
    channel_.file_system->access_mode = mode;
    return open_feed();
  }
  std::string refusal(const std::string& path) {
    return ChannelTest::refusal([&] { open(path)->prepare({}); }, "prepared");
  }
  /// What the job is told.
  std::string failure() {
    return ChannelTest::refusal([&] { alarm_.check(); }, "none");
  }
  void link_to(const std::string& uri) {
    channel_.file_system->file_system_type = "FSxLustre";
    channel_.file_system->linked_s3_uri = uri;
    store_.elsewhere = true;
  }
  static std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
      names.push_back(entry.path().lexically_relative(directory));
    std::sort(names.begin(), names.end());
    return names;
  }
  static void write(const fs::path& path, const std::string& content) {
    fs::create_directories(path.parent_path());
    write_all(create_for_writing(path).get(), content);
  }

  const fs::path root_ = store_.directory() / "fs";
};

TEST_F(FileSystemChannelTest, ADirectoryIsShownAsItIsAndOnlyReadWriteMayWrite) {
  write(root_ / "pictures/cats/1.jpg", "cat");
  const auto read_only = open("/pictures/");
  read_only->prepare({});
  const std::vector<Bind> binds = read_only->binds();
  ASSERT_EQ(binds.size(), 1U);
  EXPECT_EQ(binds.front().target, "/opt/ml/input/data/train");
  EXPECT_FALSE(binds.front().writable);
  EXPECT_EQ(read_file(binds.front().source / "cats/1.jpg"), "cat");
  EXPECT_EQ(::open((binds.front().source / "new").c_str(), O_WRONLY | O_CREAT, 0644), -1);
  EXPECT_EQ(errno, EROFS);
  read_only->finish();
}

TEST_F(FileSystemChannelTest, WhatIsWrittenIsInTheFileSystem) {
  const auto feed = open("/", "rw");
  feed->prepare({});
  write(feed->binds().front().source / "new", "written");
  feed->finish();
  EXPECT_EQ(read_file(root_ / "new"), "written");
  EXPECT_EQ(workspace_.used_bytes(), Workspace(store_.directory(), "empty").used_bytes());
}

TEST_F(FileSystemChannelTest, AMissingDirectoryIsTheCustomersFaultAndNamed) {
  EXPECT_EQ(refusal("/not/here"),
            "customer: channel 'train', file system fs-0123456789, DirectoryPath: got "
            "\"/not/here\", expected a "
            "directory that exists. Make it, or correct the path.");
  write(root_ / "file", "");
  EXPECT_THAT(refusal("/file"), HasSubstr("expected a directory that exists"));
}

TEST_F(FileSystemChannelTest, ALinkMayLeadElsewhereInTheFileSystemAndNotOutOfIt) {
  fs::create_directory(root_ / "there");
  fs::create_directory_symlink("there", root_ / "inside");
  fs::create_directory_symlink("/etc", root_ / "outside");
  fs::create_directory_symlink("../..", root_ / "above");
  EXPECT_EQ(refusal("/inside"), "prepared");
  EXPECT_THAT(refusal("/outside"), HasSubstr("a symbolic link leads out of it"));
  EXPECT_THAT(refusal("/above"), HasSubstr("a symbolic link leads out of it"));
}

TEST_F(FileSystemChannelTest, ARegistrationWhoseDirectoryIsGoneIsThePlatformsFault) {
  fs::remove_all(root_);
  EXPECT_THAT(
      refusal("/"),
      HasSubstr("platform: channel 'train', file system fs-0123456789: the directory that was "
                "registered for it cannot be opened (No such file or directory)."));
}

TEST_F(FileSystemChannelTest, LinkedObjectsAreThereAtOnceFetchedAtFirstTouchAndNeverAgain) {
  link_to("s3://b/data");
  store_.add("b", "data/set/a/1.bin", "one");
  store_.add("b", "data/set/2.bin", "two");
  store_.add("b", "data/other/3.bin", "three");
  for (const int job : {1, 2}) {
    const auto feed = open("/mnt/set");
    feed->prepare({});
    const fs::path view = feed->binds().front().source;
    EXPECT_THAT(names_in(view), ElementsAre("2.bin", "a", "a/1.bin"));
    EXPECT_EQ(fs::file_size(view / "2.bin"), 3U);
    EXPECT_EQ(store_.opened, job == 1 ? 0 : 1);
    EXPECT_EQ(read_file(view / "a/1.bin"), "one");
    EXPECT_EQ(store_.opened, 1);
    feed->finish();
    EXPECT_EQ(read_file(root_ / "set/a/1.bin"), "one");
    EXPECT_FALSE(fs::exists(root_ / "set/2.bin")) << "nobody has touched it";
    EXPECT_EQ(notes_.back(), job == 1 ? "file system fs-0123456789, channel 'train': 1 objects "
                                        "fetched (3 bytes), 0 found there"
                                      : "file system fs-0123456789, channel 'train': 0 objects "
                                        "fetched (0 bytes), 1 found there");
  }
  ASSERT_EQ(store_.fetch_counts.size(), 1U);
  EXPECT_EQ(store_.fetch_counts.front().fetches, 1);
  EXPECT_EQ(store_.fetch_counts.front().bytes, 3);
  EXPECT_TRUE(store_.fetch_counts.front().count_id);
}

TEST_F(FileSystemChannelTest, ADirectoryThatOnlyTheBucketKnowsIsMadeBelowTheRootAlone) {
  link_to("s3://b/data");
  store_.add("b", "data/a/b/1.bin", "one");
  store_.add("b", "data/out/new/1.bin", "two");
  fs::create_directory_symlink(store_.directory(), root_ / "out");
  const auto feed = open("/mnt/a/b");
  feed->prepare({});
  feed->finish();
  EXPECT_TRUE(fs::is_directory(root_ / "a/b"));
  EXPECT_THAT(refusal("/mnt/out/new"), testing::HasSubstr("a symbolic link leads out of it"));
  EXPECT_FALSE(fs::exists(store_.directory() / "new"));
}

TEST_F(FileSystemChannelTest, AFetchedCopyStaysWhateverBecomesOfItsObject) {
  link_to("s3://b");
  store_.add("b", "file", "fetched");
  write(root_ / "file", "fetched before");
  store_.add("b", "file", "replaced");
  const auto feed = open("/mnt");
  feed->prepare({});
  EXPECT_EQ(read_file(feed->binds().front().source / "file"), "fetched before");
  feed->finish();
  EXPECT_EQ(store_.opened, 0);
}

TEST_F(FileSystemChannelTest, ReadWriteWritesToTheDirectoryAndExportsNothing) {
  link_to("s3://b");
  for (const char* key : {"edited", "moved", "removed", "truncated", "dir/inner"})
    store_.add("b", key, "from the bucket");
  const auto feed = open("/mnt", "rw");
  feed->prepare({});
  const fs::path view = feed->binds().front().source;
  write(view / "new/file", "new");
  std::ofstream(view / "edited", std::ios::app) << ", edited";
  fs::rename(view / "moved", view / "new/moved");
  EXPECT_TRUE(fs::remove(view / "removed"));
  std::ofstream(view / "truncated", std::ios::trunc) << "short";
  fs::create_symlink("file", view / "new/link");
  EXPECT_EQ(read_file(view / "new/link"), "new");
  EXPECT_EQ(::rename((view / "dir").c_str(), (view / "dir2").c_str()), -1);
  EXPECT_EQ(errno, EXDEV);
  EXPECT_EQ(::rmdir((view / "dir").c_str()), -1);
  EXPECT_EQ(errno, ENOTEMPTY);
  EXPECT_THAT(names_in(view), ElementsAre("dir", "dir/inner", "edited", "new", "new/file",
                                          "new/link", "new/moved", "truncated"));
  feed->finish();
  EXPECT_EQ(read_file(root_ / "new/file"), "new");
  EXPECT_EQ(read_file(root_ / "edited"), "from the bucket, edited");
  EXPECT_EQ(read_file(root_ / "new/moved"), "from the bucket");
  EXPECT_EQ(read_file(root_ / "truncated"), "short");
  EXPECT_FALSE(store_.has("b", "new/file"));
  EXPECT_EQ(read_file(store_.path("b", "edited")), "from the bucket");
}

TEST_F(FileSystemChannelTest, JobsAtTheSameTimeFetchEachFileOnce) {
  link_to("s3://b");
  for (int i = 0; i < 50; ++i)
    store_.add("b", "file" + std::to_string(i), std::string(10'000, 'x'));
  Workspace other_workspace(store_.directory(), "other");
  const auto first = open("/mnt");
  const auto second = open_feed(other_workspace);
  first->prepare({});
  second->prepare({});
  const auto read_all = [](const fs::path& view) {
    for (const auto& entry : fs::directory_iterator(view))
      EXPECT_EQ(read_file(entry.path()).size(), 10'000U);
  };
  {
    std::jthread a([&] { read_all(first->binds().front().source); });
    std::jthread b([&] { read_all(first->binds().front().source); });
    std::jthread c([&] { read_all(second->binds().front().source); });
  }
  first->finish();
  second->finish();
  EXPECT_EQ(store_.opened, 50);
}

TEST_F(FileSystemChannelTest, WhatAKilledSupervisorLeftIsRemovedAndNeverSeen) {
  link_to("s3://b");
  store_.add("b", "file", "whole");
  write(root_ / ".millrace/fetch-1", "hal");
  write(root_ / ".millrace/fetch-2", "hal");
  const Fd held(::open((root_ / ".millrace/fetch-2").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
  const auto feed = open("/mnt");
  feed->prepare({});
  EXPECT_THAT(names_in(feed->binds().front().source), ElementsAre("file"));
  EXPECT_THAT(names_in(root_ / ".millrace"), ElementsAre("fetch-2")) << "somebody is at work on it";
  feed->finish();
}

TEST_F(FileSystemChannelTest, AnObjectThatCannotBeFetchedIsAnInputOutputErrorAndAReason) {
  link_to("s3://b");
  store_.add("b", "file", "listed");
  const auto feed = open("/mnt");
  feed->prepare({});
  store_.remove("b", "file");
  EXPECT_EQ(::open((feed->binds().front().source / "file").c_str(), O_RDONLY), -1);
  EXPECT_EQ(errno, EIO);
  feed->finish();
  EXPECT_THAT(failure(), HasSubstr("customer: channel 'train', s3://b/file"));
  EXPECT_THAT(names_in(root_), ElementsAre(".millrace"));
}

TEST_F(FileSystemChannelTest, AFullFileSystemFailsTheFetchByNameAndLeavesNothing) {
  ASSERT_EQ(::mount("linked", root_.c_str(), "tmpfs", 0, "size=2m"), 0) << std::strerror(errno);
  link_to("s3://b");
  store_.add("b", "large", std::string(4 << 20, 'x'));
  store_.add("b", "small", std::string(1 << 20, 'x'));
  const auto feed = open("/mnt");
  feed->prepare({});
  const fs::path view = feed->binds().front().source;
  EXPECT_EQ(::open((view / "large").c_str(), O_RDONLY), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_THAT(names_in(root_), ElementsAre(".millrace"));
  EXPECT_EQ(read_file(view / "small").size(), std::size_t{1} << 20) << "what fits is fetched";
  feed->finish();
  EXPECT_EQ(failure(),
            "customer: channel 'train', file system fs-0123456789, file 'large': the object does "
            "not fit in the file system, which is full. Make room in it, or link a narrower "
            "prefix.");
  EXPECT_EQ(::umount2(root_.c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace millrace::runner
