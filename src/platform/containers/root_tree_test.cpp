#include "platform/containers/root_tree.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <optional>

#include "core/base/error.h"
#include "platform/containers/image_builder_for_test.h"

namespace millrace::containers {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RootTreeTest : public ::testing::Test {
 protected:
  RootTreeTest() { fs::create_directory(root_); }

  void layer(const std::string& members) {
    const std::string archive = tar(members);
    MemorySource source(archive);
    TarReader reader(source, "layer");
    tree().begin_layer("layer " + std::to_string(++layers_), RootTree::Whiteouts::Applied);
    for (auto member = reader.next_entry(); member; member = reader.next_entry())
      tree().add(*member, reader);
  }
  std::string refusal(const std::string& members) {
    try {
      layer(members);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer) << error.what();
      return error.what();
    }
    return "accepted";
  }
  RootTree& tree() {
    if (!tree_) tree_.emplace(root_, limits_);
    return *tree_;
  }
  [[nodiscard]] std::string text(const std::string& path) const { return read_text(root_ / path); }
  [[nodiscard]] bool has(const std::string& path) const {
    return fs::symlink_status(root_ / path).type() != fs::file_type::not_found;
  }
  [[nodiscard]] mode_t mode(const std::string& path) const {
    struct stat status {};
    EXPECT_EQ(::lstat((root_ / path).c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  Scratch scratch_;
  const fs::path root_ = scratch_.path() / "rootfs";
  TreeLimits limits_;
  std::optional<RootTree> tree_;
  int layers_ = 0;
};

TEST_F(RootTreeTest, LayersLieOnEachOther) {
  layer(directory("etc") + file("etc/one", "1") + file("etc/two", "2") + directory("lib") +
        file("lib/a", "a"));
  layer(file("etc/one", "new") + file("./usr/share/deep", "d") + file("/absolute", "x"));
  EXPECT_EQ(text("etc/one"), "new");
  EXPECT_EQ(text("etc/two"), "2");
  EXPECT_EQ(text("usr/share/deep"), "d");
  EXPECT_EQ(text("absolute"), "x");
  EXPECT_EQ(fs::last_write_time(root_ / "etc/one").time_since_epoch(),
            fs::file_time_type::clock::from_sys(
                std::chrono::sys_seconds(std::chrono::seconds(1'000'000'000)))
                .time_since_epoch());
}

TEST_F(RootTreeTest, AKindMayChangeFromLayerToLayer) {
  layer(directory("a") + file("a/x", "1") + file("b", "2") + symbolic_link("c", "b"));
  layer(file("a", "file now") + directory("b") + file("b/y", "3") + directory("c"));
  EXPECT_EQ(text("a"), "file now");
  EXPECT_EQ(text("b/y"), "3");
  EXPECT_TRUE(fs::is_directory(fs::symlink_status(root_ / "c")));
}

TEST_F(RootTreeTest, WhiteoutsRemoveWhatLowerLayersHave) {
  layer(directory("a") + file("a/x", "1") + directory("a/d") + file("a/d/z", "1") + file("b", "2"));
  layer(tar_member("a/.wh.x", '0') + tar_member("a/.wh.d", '0') + tar_member(".wh.b", '0') +
        tar_member("gone/.wh.y", '0'));
  EXPECT_TRUE(fs::is_empty(root_ / "a"));
  EXPECT_FALSE(has("b"));
  EXPECT_FALSE(has("gone"));
}

TEST_F(RootTreeTest, WhiteoutsLeaveWhatTheirOwnLayerHas) {
  layer(directory("a") + file("a/old", "1") + directory("a/d") + file("a/d/old", "1"));
  layer(file("a/new", "2") + directory("a/d") + file("a/d/new", "2") +
        tar_member("a/.wh..wh..opq", '0') + tar_member("a/.wh.new", '0'));
  EXPECT_FALSE(has("a/old"));
  EXPECT_FALSE(has("a/d/old"));
  EXPECT_EQ(text("a/new"), "2");
  EXPECT_EQ(text("a/d/new"), "2");
  EXPECT_FALSE(has("a/.wh..wh..opq"));
}

TEST_F(RootTreeTest, AWhiteoutOfADirectoryThatTheLayerHasLeavesItsOwnFiles) {
  layer(directory("d") + file("d/old", "1"));
  layer(directory("d") + file("d/new", "2") + tar_member(".wh.d", '0'));
  EXPECT_FALSE(has("d/old"));
  EXPECT_EQ(text("d/new"), "2");
}

TEST_F(RootTreeTest, AWhiteoutReachesNothingOutsideItsDirectory) {
  write_text(scratch_.path() / "outside/file", "kept");
  EXPECT_THAT(refusal(directory("a") + tar_member("a/.wh...", '0')),
              HasSubstr("layer 1, member 'a/.wh...': got \".wh...\""));
  EXPECT_THAT(refusal(tar_member("a/.wh.", '0')), HasSubstr("a whiteout of something"));
  layer(symbolic_link("out", "../outside"));
  layer(tar_member("out/.wh.file", '0') + tar_member("out/.wh..wh..opq", '0'));
  EXPECT_EQ(read_text(scratch_.path() / "outside/file"), "kept");
}

TEST_F(RootTreeTest, MetadataOfAufsIsLeftOut) {
  layer(directory(".wh..wh.plnk") + file(".wh..wh.aufs", "") + file("a", "1"));
  EXPECT_FALSE(has(".wh..wh.plnk"));
  EXPECT_FALSE(has(".wh..wh.aufs"));
  EXPECT_EQ(text("a"), "1");
}

TEST_F(RootTreeTest, NamesThatLeadOutAreRefusedWithLayerAndPath) {
  EXPECT_THAT(refusal(file("../evil", "x")),
              HasSubstr("layer 1, member '../evil': got \"../evil\", expected a name inside"));
  EXPECT_THAT(refusal(file("a/../../evil", "x")), HasSubstr("layer 2, member 'a/../../evil'"));
  EXPECT_THAT(refusal(directory("..")), HasSubstr("a name inside the image"));
  EXPECT_FALSE(fs::exists(scratch_.path() / "evil"));
}

TEST_F(RootTreeTest, WhatIsWrittenThroughALinkStaysInside) {
  const fs::path outside = scratch_.path() / "outside";
  fs::create_directory(outside);
  layer(symbolic_link("absolute", outside.string()) + symbolic_link("up", "../outside"));
  layer(file("absolute/evil", "1") + file("up/evil", "2"));
  EXPECT_TRUE(fs::is_empty(outside));
  EXPECT_EQ(text("outside/evil"), "2") << "of the image's own directory of that name";
  EXPECT_EQ(read_text(root_.string() + outside.string() + "/evil"), "1");
  EXPECT_THAT(refusal(symbolic_link("loop", "loop") + file("loop/x", "x")),
              HasSubstr("expected directories above the member"));
}

TEST_F(RootTreeTest, ALinkMayLeadToADirectoryThatIsMadeThroughIt) {
  layer(directory("var") + symbolic_link("var/run", "/run") +
        symbolic_link("var/lock", "run/lock"));
  layer(file("var/run/a", "1") + file("var/lock/b", "2"));
  EXPECT_EQ(text("run/a"), "1");
  EXPECT_EQ(text("run/lock/b"), "2");
}

TEST_F(RootTreeTest, LinksToDirectoriesOfTheImageAreFollowedAsAProgramInItWould) {
  layer(directory("usr/lib") + symbolic_link("lib", "usr/lib") + symbolic_link("abs", "/usr/lib") +
        symbolic_link("up", "../../../../usr/lib"));
  layer(file("lib/a", "1") + file("abs/b", "2") + file("up/c", "3"));
  EXPECT_EQ(text("usr/lib/a"), "1");
  EXPECT_EQ(text("usr/lib/b"), "2");
  EXPECT_EQ(text("usr/lib/c"), "3");
  EXPECT_TRUE(fs::is_symlink(root_ / "lib"));
}

TEST_F(RootTreeTest, AFileReplacesALinkAndIsNotWrittenThroughIt) {
  write_text(scratch_.path() / "outside", "kept");
  layer(symbolic_link("a", (scratch_.path() / "outside").string()));
  layer(file("a", "new"));
  EXPECT_EQ(read_text(scratch_.path() / "outside"), "kept");
  EXPECT_EQ(text("a"), "new");
}

TEST_F(RootTreeTest, HardLinksJoinFilesAlsoAcrossLayers) {
  layer(directory("usr/bin") + file("usr/bin/a", "1", 0755) + symbolic_link("bin", "usr/bin"));
  layer(hard_link("usr/bin/b", "bin/a") + hard_link("c", "/usr/bin/a") + hard_link("c", "c"));
  EXPECT_EQ(fs::hard_link_count(root_ / "usr/bin/a"), 3U);
  layer(file("usr/bin/a", "2"));
  EXPECT_EQ(text("c"), "1") << "replacing one name leaves the others";
}

TEST_F(RootTreeTest, AHardLinkToWhatIsNotInTheImageIsRefused) {
  write_text(scratch_.path() / "outside", "secret");
  EXPECT_THAT(refusal(hard_link("a", "../outside")), HasSubstr("a name inside the image"));
  EXPECT_THAT(refusal(hard_link("a", "nothing")),
              HasSubstr("a link to 'nothing'\", expected a link to a file before it"));
  EXPECT_THAT(refusal(directory("d") + hard_link("a", "d")), HasSubstr("a link to 'd'"));
  // The same by way of a link, which leads back in.
  EXPECT_THAT(refusal(symbolic_link("up", "..") + hard_link("a", "up/outside")),
              HasSubstr("a link to 'up/outside'"));
}

TEST_F(RootTreeTest, DevicesAndSetIdBitsAreLeftOutAndToldOf) {
  layer(tar_member("dev/sda", '4') + tar_member("pipe", '6') + file("su", "x", 04755) +
        file("wall", "x", 02755) + directory("tmp", 01777));
  EXPECT_FALSE(has("dev/sda"));
  EXPECT_FALSE(has("pipe"));
  EXPECT_EQ(mode("su"), 0755U);
  EXPECT_EQ(mode("wall"), 0755U);
  EXPECT_EQ(mode("tmp"), 01777U);
  EXPECT_THAT(tree().dropped(),
              ElementsAre("device nodes and FIFOs were left out: 2, the first in layer 1, member "
                          "'dev/sda'",
                          "set-user-id or set-group-id bits were taken away: 2, the first in layer "
                          "1, member 'su'"));
  EXPECT_THAT(refusal(tar_member("sparse", 'S')),
              HasSubstr("got \"the sparse file 'sparse' (type 'S')\""));
}

TEST_F(RootTreeTest, TheOwnerCanReadAndWriteEverything) {
  layer(directory("d", 0) + file("d/shadow", "x", 0) + file("d/locked", "x", 0444));
  EXPECT_EQ(mode("d"), 0700U);
  EXPECT_EQ(mode("d/shadow"), 0600U);
  EXPECT_EQ(mode("d/locked"), 0644U);
}

TEST_F(RootTreeTest, MoreThanTheLimitsIsRefused) {
  limits_ = {.bytes = 20'000, .entries = 4};
  EXPECT_THAT(refusal(file("a", std::string(30'000, 'x'))),
              HasSubstr("layer 1, member 'a': got \"more than 20 kB so far\""));
  EXPECT_THAT(refusal(directory("b") + directory("c") + directory("d") + directory("e")),
              HasSubstr("expected at most 4"));
}

TEST_F(RootTreeTest, DirectoriesThatNoMemberMadeCountAsWell) {
  limits_.entries = 5;
  layer(file("a/b/c/d", "x"));
  EXPECT_EQ(tree().entries(), 4U);
  EXPECT_THAT(refusal(file("e/f", "x")), HasSubstr("expected at most 5"));
}

TEST_F(RootTreeTest, PlacesForMountsAreNoLinks) {
  const fs::path outside = scratch_.path() / "outside";
  fs::create_directory(outside);
  layer(symbolic_link("opt", "../outside") + directory("etc") +
        symbolic_link("etc/hosts", "../../outside/hosts") + file("tmp", "a file"));
  tree().make_directory("opt/ml");
  tree().make_directory("tmp");
  tree().make_directory("etc");
  tree().make_file("etc/hosts", "");
  EXPECT_TRUE(fs::is_directory(fs::symlink_status(root_ / "opt")));
  EXPECT_TRUE(fs::is_directory(root_ / "opt/ml"));
  EXPECT_TRUE(fs::is_directory(root_ / "tmp"));
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(root_ / "etc/hosts")));
  EXPECT_TRUE(fs::is_empty(outside));
  EXPECT_THAT(tree().dropped(), ::testing::SizeIs(2));
}

TEST_F(RootTreeTest, InACopiedDirectoryWhiteoutsAreFiles) {
  const std::string archive = tar(file(".wh.a", "x"));
  MemorySource source(archive);
  TarReader reader(source, "layer");
  tree().begin_layer("copy", RootTree::Whiteouts::Kept);
  tree().add(*reader.next_entry(), reader);
  EXPECT_EQ(text(".wh.a"), "x");
}

}  // namespace
}  // namespace millrace::containers
