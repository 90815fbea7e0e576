#include "platform/runner/channels/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/io/file.h"
#include "platform/runner/channels/channel_fixture_for_test.h"

namespace millrace::runner {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class FileChannelTest : public ChannelTest {
 protected:
  FileChannelTest() : ChannelTest("File") {}

  std::string prepare(const std::string& uri, const std::stop_token& stop = {}) {
    channel_.s3_source->s3_uri = uri;
    try {
      open_feed()->prepare(stop);
    } catch (const Error& error) {
      return error.what();
    }
    return "prepared";
  }
  fs::path file(const std::string& name) { return workspace_.input() / "data" / "train" / name; }
};

ino_t inode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_ino;
}

TEST_F(FileChannelTest, FilesAreTheStoresOwnWhereItIsOnThisMachine) {
  store_.add("b", "data/train/a/1.jpg", "one");
  store_.add("b", "data/train.csv", "two");
  EXPECT_EQ(prepare("s3://b/data/train"), "prepared");
  EXPECT_EQ(read_file(file("a/1.jpg")), "one");
  EXPECT_EQ(read_file(file("train.csv")), "two");
  EXPECT_EQ(inode_of(file("train.csv")), inode_of(store_.path("b", "data/train.csv")));
}

TEST_F(FileChannelTest, CountsWhatItPutsThereWhereverTheStoreIs) {
  store_.add("b", "data/1", "one");
  store_.add("b", "data/2", std::string(1'000'000, 'x'));
  for (const bool elsewhere : {false, true}) {
    store_.elsewhere = elsewhere;
    fs::remove_all(workspace_.input() / "data" / "train");
    ASSERT_EQ(prepare("s3://b/data/"), "prepared");
    const std::int64_t times = elsewhere ? 2 : 1;
    EXPECT_EQ(use().measured, "Staged");
    EXPECT_EQ(use().bytes, times * 1'000'003);
    EXPECT_EQ(use().objects, 2);
    EXPECT_GT(use().seconds, 0);
    EXPECT_FALSE(use().reader_waited_seconds);
    EXPECT_FALSE(use().records);
  }
}

TEST_F(FileChannelTest, AStoreElsewhereIsDownloaded) {
  store_.elsewhere = true;
  std::string large(70 << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 4096)
    large[i] = static_cast<char>('a' + i / 4096 % 26);
  store_.add("b", "data/large", large);
  store_.add("b", "data/empty", "");
  store_.add("b", "data/small", "s");
  EXPECT_EQ(prepare("s3://b/data/"), "prepared");
  EXPECT_TRUE(read_file(file("large")) == large);
  EXPECT_EQ(read_file(file("empty")), "");
  EXPECT_EQ(read_file(file("small")), "s");
}

TEST_F(FileChannelTest, ADownloadIsPinnedToTheVersionThatWasListed) {
  store_.elsewhere = true;
  store_.add("b", "data/a", "old");
  store_.after_locate = [&] { store_.add("b", "data/a", "new"); };
  EXPECT_THAT(prepare("s3://b/data/"), HasSubstr("channel 'train', downloading s3://b/data/a: "));
}

TEST_F(FileChannelTest, AFileThatVanishedAfterListingIsAskedOfTheStore) {
  store_.add("b", "data/a", "bytes");
  store_.after_locate = [&] { store_.remove("b", "data/a"); };
  EXPECT_THAT(prepare("s3://b/data/"), HasSubstr("channel 'train', downloading s3://b/data/a: "));
}

TEST_F(FileChannelTest, ABrokenDownloadIsTakenUpWhereItBroke) {
  store_.elsewhere = true;
  store_.breaks_after = 300'000;
  const std::string large(2'000'000, 'x');
  store_.add("b", "data/a", large);
  EXPECT_EQ(prepare("s3://b/data/"), "prepared");
  EXPECT_TRUE(read_file(file("a")) == large);
  EXPECT_EQ(store_.opened, 7);
}

TEST_F(FileChannelTest, ATruncatedObjectFailsByNameHoweverLongTheDaemonIsWaitedFor) {
  store_.elsewhere = true;
  patience_.limit = std::chrono::hours(1);
  store_.add("b", "data/a", std::string(1'000'000, 'x'));
  fs::resize_file(store_.path("b", "data/a"), 600'000);
  EXPECT_THAT(prepare("s3://b/data/"), HasSubstr("channel 'train', downloading s3://b/data/a: the "
                                                 "store does not deliver the object's bytes "
                                                 "from 600000 on"));
}

TEST_F(FileChannelTest, AFullDiskEndsTheDownloadAtOnce) {
  if (::geteuid() != 0) GTEST_SKIP() << "this user may not mount";
  ASSERT_EQ(::mount("small", workspace_.input().c_str(), "tmpfs", 0, "size=1m"), 0);
  fs::create_directories(workspace_.input() / "data");
  store_.elsewhere = true;
  patience_.limit = std::chrono::hours(1);
  store_.add("b", "data/a", std::string(4'000'000, 'x'));
  EXPECT_THAT(prepare("s3://b/data/"),
              HasSubstr("channel 'train', downloading s3://b/data/a: the disk that holds the job's "
                        "files is full. Make room"));
  EXPECT_EQ(::umount2(workspace_.input().c_str(), MNT_DETACH), 0);
}

TEST_F(FileChannelTest, AnOutageOfTheDaemonIsSatOut) {
  store_.elsewhere = true;
  store_.add("b", "data/a", "bytes");
  store_.fail_next = 5;
  EXPECT_EQ(prepare("s3://b/data/"), "prepared");
  EXPECT_EQ(read_file(file("a")), "bytes");
}

TEST_F(FileChannelTest, ManyPagesAreOneChannel) {
  for (int i = 0; i < 2500; ++i) store_.add("b", "data/" + std::to_string(i), std::to_string(i));
  EXPECT_EQ(prepare("s3://b/data/"), "prepared");
  EXPECT_EQ(std::distance(fs::directory_iterator(file("")), fs::directory_iterator()), 2500);
  EXPECT_EQ(read_file(file("2499")), "2499");
}

TEST_F(FileChannelTest, AnEmptyPrefixIsRefusedByUri) {
  store_.add("b", "data/", "");
  EXPECT_EQ(prepare("s3://b/data/"),
            "channel 'train': No S3 objects found under S3 URL \"s3://b/data/\" given in input "
            "data source. Upload the "
            "data first.");
}

TEST_F(FileChannelTest, WhatThisRunnerLacksIsRefusedByName) {
  channel_.input_mode = "Telepathy";
  EXPECT_EQ(prepare("s3://b/data/"),
            "channel 'train', InputMode: got \"Telepathy\", expected File, Pipe or FastFile.");
  channel_.input_mode = "File";
  channel_.s3_source->s3_data_type = "AugmentedManifestFile";
  EXPECT_EQ(
      prepare("s3://b/data/"),
      "channel 'train', InputMode: got \"File\", expected Pipe for an AugmentedManifestFile.");
}

TEST_F(FileChannelTest, AManifestsFilesAreNamedBehindItsPrefix) {
  store_.add("b", "some/x.csv", "x");
  store_.add("b", "some/y/z.csv", "z");
  store_.add("b", "some/not-named", "n");
  store_.add("m", "list", R"([{"prefix": "s3://b/some/"}, "y/z.csv", "x.csv", "x.csv"])");
  channel_.s3_source->s3_data_type = "ManifestFile";
  EXPECT_EQ(prepare("s3://m/list"), "prepared");
  EXPECT_EQ(read_file(file("x.csv")), "x");
  EXPECT_EQ(read_file(file("y/z.csv")), "z");
  EXPECT_FALSE(fs::exists(file("not-named")));
  EXPECT_EQ(read_file(workspace_.input() / "data" / "train-manifest"),
            R"([{"prefix": "s3://b/some/"}, "y/z.csv", "x.csv", "x.csv"])");
}

TEST_F(FileChannelTest, AChannelNamedAsAnothersManifestKeepsItsPlace) {
  store_.add("b", "x", "x");
  use_manifest("ManifestFile", R"(["s3://b/x"])");
  ticket_.channels = {channel_, channel_};
  ticket_.channels[1].channel_name = "train-manifest";
  EXPECT_EQ(prepare("s3://m/manifest"), "prepared");
  EXPECT_EQ(read_file(file("x")), "x");
  EXPECT_FALSE(fs::exists(workspace_.input() / "data" / "train-manifest"));
}

TEST_F(FileChannelTest, OnlyAManifestIsShownBesideTheFiles) {
  store_.add("b", "data/x", "x");
  EXPECT_EQ(prepare("s3://b/data/"), "prepared");
  EXPECT_FALSE(fs::exists(workspace_.input() / "data" / "train-manifest"));
}

TEST_F(FileChannelTest, AManifestCannotClimbOutOfTheChannel) {
  store_.add("b", "some/../../x", "x");
  store_.add("m", "list", R"([{"prefix": "s3://b/some/"}, "../../x"])");
  channel_.s3_source->s3_data_type = "ManifestFile";
  EXPECT_THAT(prepare("s3://m/list"), HasSubstr("channel 'train', key 'some/../../x': '.' and '..' "
                                                "would lead out of the channel's directory"));
}

TEST_F(FileChannelTest, HostsShareTheObjectsWhateverTheSeed) {
  for (const char* key : {"a", "b", "c", "d", "e"})
    store_.add("b", std::string("data/") + key, key);
  channel_.s3_source->shards = 2;
  channel_.s3_source->shard = 1;
  channel_.shuffle_seed = 3;
  EXPECT_EQ(prepare("s3://b/data/"), "prepared");
  EXPECT_EQ(std::distance(fs::directory_iterator(file("")), fs::directory_iterator()), 2);
  EXPECT_EQ(read_file(file("b")), "b");
  EXPECT_EQ(read_file(file("d")), "d");
}

TEST_F(FileChannelTest, AHostWithoutAShareHasAnEmptyChannel) {
  store_.add("b", "data/a", "a");
  channel_.s3_source->shards = 2;
  channel_.s3_source->shard = 1;
  EXPECT_EQ(prepare("s3://b/data/"), "prepared");
  EXPECT_TRUE(fs::is_empty(file("")));
}

TEST_F(FileChannelTest, AUriThatIsNoneIsRefused) {
  EXPECT_EQ(
      prepare("b/data"),
      "channel 'train', S3Uri: got \"b/data\", expected an S3 URI such as s3://bucket/prefix.");
}

TEST_F(FileChannelTest, AStopEndsIt) {
  store_.add("b", "data/a", "bytes");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(prepare("s3://b/data/", stop.get_token()), "prepared");
  EXPECT_FALSE(fs::exists(file("a")));
}

TEST_F(FileChannelTest, FilesCanBeSeparatedFromTheStore) {
  store_.add("b", "data/a", "bytes");
  EXPECT_EQ(prepare("s3://b/data/"), "prepared");
  separate_from_store(workspace_.input());
  EXPECT_EQ(read_file(file("a")), "bytes");
  EXPECT_NE(inode_of(file("a")), inode_of(store_.path("b", "data/a")));
}

}  // namespace
}  // namespace millrace::runner
