#include "platform/runner/artifacts.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "core/base/error.h"
#include "core/io/shell_for_test.h"
#include "platform/runner/fake_daemon_for_test.h"
#include "platform/runner/tree.h"
#include "platform/runner/upload_sink.h"

namespace millrace::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

class ArtifactsTest : public testing::Test {
 protected:
  ArtifactsTest() { fs::create_directories(root_ / "model"); }

  void write(const std::string& name, const std::string& content) {
    fs::create_directories((root_ / "model" / name).parent_path());
    write_all(create_for_writing(root_ / "model" / name).get(), content);
  }
  void upload(bool compress = true) {
    target_.compress = compress;
    const auto daemon = store_.connector()();
    upload_artifacts({{.host = "algo-1", .root = root_}}, "model", target_, *daemon, patience_,
                     [&](std::string_view note) { notes_.emplace_back(note); });
  }
  /// What GNU tar prints about the uploaded archive.
  std::string run_tar(const std::string& options) {
    const std::string archive = store_.path("b", "out/job/output/model.tar.gz").string();
    const std::string command = "cd " + root_.string() +
                                " && LC_ALL=C.UTF-8 tar --quoting-style=literal " + options +
                                " -zf " + archive;
    return output_of(command);
  }

  FakeStore store_;
  fs::path root_ = store_.directory() / "root";
  ArtifactTarget target_{
      .output_uri = "s3://b/out/job/output/", .archive = "model.tar.gz", .folder = "model"};
  Patience patience_{.limit = std::chrono::seconds(5)};
  std::vector<std::string> notes_;
};

TEST_F(ArtifactsTest, TheArchiveHoldsTheDirectorysContentUnderRelativeNames) {
  write("model_algo-1", "weights");
  write("code/inference.py", "pass");
  fs::create_directory(root_ / "model" / "empty");
  upload();
  EXPECT_EQ(run_tar("-t"), "code/\ncode/inference.py\nempty/\nmodel_algo-1\n");
  EXPECT_EQ(run_tar("-xO model_algo-1"), "weights");
  EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(ArtifactsTest, AnEmptyDirectoryGivesAnEmptyArchive) {
  upload();
  EXPECT_EQ(run_tar("-t"), "");
}

TEST_F(ArtifactsTest, ALargeModelIsStreamedInParts) {
  std::string noise = random_bytes(1 << 20);
  std::string large;
  for (int i = 0; i < 40; ++i) large += noise + std::to_string(i);
  write("weights", large);
  store_.fail_next = 2;
  upload();
  EXPECT_GE(store_.parts_uploaded, 3);
  EXPECT_EQ(run_tar("-x"), "");
  EXPECT_TRUE(read_file(root_ / "weights") == large);
}

TEST_F(ArtifactsTest, LinksAreKeptWhereTheyStayInside) {
  write("epochs/3.bin", "three");
  fs::create_symlink("epochs/3.bin", root_ / "model" / "latest");
  fs::create_symlink("../latest", root_ / "model" / "epochs" / "again");
  fs::create_symlink("/etc/passwd", root_ / "model" / "absolute");
  fs::create_symlink("../../secret", root_ / "model" / "epochs" / "up");
  // Each link alone looks harmless by its text: the second goes through the first, which shortens
  // the way.
  fs::create_directories(root_ / "model" / "p" / "q");
  fs::create_symlink("../..", root_ / "model" / "p" / "q" / "top");
  fs::create_symlink("p/q/top/../secret", root_ / "model" / "climb");
  upload();
  EXPECT_EQ(run_tar("-t"), "epochs/\nepochs/3.bin\nepochs/again\nlatest\np/\np/q/\np/q/top\n");
  EXPECT_THAT(notes_,
              ElementsAre("left out of the artifacts: 'absolute', a link that leads outside",
                          "left out of the artifacts: 'climb', a link that leads outside",
                          "left out of the artifacts: 'epochs/up', a link that leads outside"));
}

TEST_F(ArtifactsTest, SpecialFilesAreLeftOutAndSaid) {
  ASSERT_EQ(::mkfifo((root_ / "model" / "pipe").c_str(), 0600), 0);
  write("a", "1");
  upload();
  EXPECT_EQ(run_tar("-t"), "a\n");
  EXPECT_THAT(
      notes_,
      ElementsAre(
          "left out of the artifacts: 'pipe', which is neither a file, a directory nor a link"));
}

TEST_F(ArtifactsTest, ADirectoryThatBecameALinkElsewhereIsNotFollowed) {
  write("a", "1");
  fs::rename(root_ / "model", root_ / "real");
  fs::create_symlink("/etc", root_ / "model");
  upload();
  EXPECT_EQ(run_tar("-t"), "");
  EXPECT_THAT(notes_, ElementsAre("the directory 'model' is not there any more"));
}

TEST_F(ArtifactsTest, WithoutCompressionFilesAreUploadedAsTheyAre) {
  write("weights.bin", "weights");
  write("code/inference.py", "pass");
  fs::create_symlink("weights.bin", root_ / "model" / "latest");
  fs::create_symlink("/etc/hostname", root_ / "model" / "bad");
  upload(/*compress=*/false);
  EXPECT_EQ(read_file(store_.path("b", "out/job/output/model/weights.bin")), "weights");
  EXPECT_EQ(read_file(store_.path("b", "out/job/output/model/code/inference.py")), "pass");
  EXPECT_EQ(read_file(store_.path("b", "out/job/output/model/latest")), "weights");
  EXPECT_FALSE(store_.has("b", "out/job/output/model/bad"));
  EXPECT_FALSE(store_.has("b", "out/job/output/model.tar.gz"));
  EXPECT_EQ(notes_.size(), 1U);
}

TEST_F(ArtifactsTest, AMissingBucketIsTheCustomersAndNamed) {
  store_.missing_bucket = "b";
  try {
    upload();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_EQ(std::string(error.what()),
              "uploading s3://b/out/job/output/model.tar.gz: The specified bucket does not exist");
  }
}

TEST_F(ArtifactsTest, AnUploadThatFailsHalfwayIsAborted) {
  const auto daemon = store_.connector()();
  {
    UploadSink sink(*daemon, {.bucket = "b", .key = "k"}, patience_);
    sink.write(std::string(17 << 20, 'x'));
  }
  EXPECT_EQ(store_.uploads_aborted, 1);
  EXPECT_FALSE(store_.has("b", "k"));
}

TEST_F(ArtifactsTest, DirectoriesNestedWithoutEndAreRefused) {
  fs::path deep = root_ / "model";
  for (int i = 0; i < 130; ++i) deep /= "d";
  fs::create_directories(deep);
  EXPECT_THROW(upload(), Error);
}

TEST_F(ArtifactsTest, ContentIsSeenWithoutFollowingLinks) {
  EXPECT_FALSE(has_content(root_, "model"));
  EXPECT_FALSE(has_content(root_, "missing"));
  write("a", "");
  EXPECT_TRUE(has_content(root_, "model"));
  fs::create_symlink("model", root_ / "link");
  EXPECT_FALSE(has_content(root_, "link"));
}

TEST(Tree, UsageCountsWhatIsOnDisk) {
  FakeStore store;
  const fs::path root = store.directory() / "root";
  fs::create_directories(root / "d");
  write_all(create_for_writing(root / "d" / "f").get(), std::string(1 << 20, 'x'));
  const Fd directory(::open(root.c_str(), O_RDONLY | O_DIRECTORY));
  EXPECT_GE(disk_usage(directory), 1 << 20);
  EXPECT_LT(disk_usage(directory), 2 << 20);
}

TEST(Tree, UsageLeavesOutWhatIsNestedTooDeep) {
  FakeStore store;
  const fs::path root = store.directory() / "root";
  fs::path deep = root;
  for (int level = 0; level < 140; ++level) deep /= "d";
  fs::create_directories(deep);
  write_all(create_for_writing(root / "f").get(), std::string(1 << 20, 'x'));
  const Fd directory(::open(root.c_str(), O_RDONLY | O_DIRECTORY));
  EXPECT_GE(disk_usage(directory), 1 << 20);
  EXPECT_THROW(walk_tree(directory, [](const TreeEntry&) {}), Error);
}

}  // namespace
}  // namespace millrace::runner
