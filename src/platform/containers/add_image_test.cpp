#include "platform/containers/add_image.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <zstd.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "platform/containers/image_builder_for_test.h"
#include "platform/runner/job_setup.h"

namespace millrace::containers {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string gzipped(const std::string& bytes) {
  StringSink packed;
  GzipSink gzip(packed);
  gzip.write(bytes);
  gzip.finish();
  return packed.text();
}

std::string zstd_packed(const std::string& bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3));
  return packed;
}

class AddImageTest : public ::testing::Test {
 protected:
  AddImageTest() {
    lock_ = store_.lock_for_adding(std::nullopt, [] {});
  }

  ImageRecord add(const ImageParts& parts) {
    fs::remove_all(layout_);
    put_index(layout_, {put_image(layout_, parts)});
    return add_layout();
  }
  ImageRecord add_layout() {
    const auto files = files_of_directory(layout_);
    return add_exported_image(*files, find_image(*files, "", this_platform()), "oci-layout",
                              {.store = store_, .limits = limits_});
  }
  std::string refusal(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer) << error.what();
      // Nothing of it is left.
      EXPECT_THAT(stored(), IsEmpty());
      return error.what();
    }
    return "accepted";
  }
  [[nodiscard]] std::vector<std::string> stored() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(images_)) {
      if (entry.path().filename() != ".lock") names.push_back(entry.path().filename());
    }
    return names;
  }

  Scratch scratch_;
  const fs::path layout_ = scratch_.path() / "layout";
  const fs::path images_ = scratch_.path() / "images";
  const ImageStore store_{images_};
  TreeLimits limits_;
  Fd lock_;
};

ImageParts three_layers() {
  const std::string base = tar(directory("etc") +
                               file("etc/passwd",
                                    "root:x:0:0::/root:/bin/sh\n"
                                    "ml:x:1000:7::/home/ml:/bin/sh\n") +
                               file("etc/group", "staff:x:50:\n") + file("old", "1"));
  const std::string middle = tar(file("train", "#!", 0755) + tar_member(".wh.old", '0'));
  const std::string top = tar(hard_link("serve", "train"));
  return {.tars = {base, middle, top}, .stored = {gzipped(base), zstd_packed(middle), top}};
}

TEST_F(AddImageTest, LayersOfEveryKindBecomeARootFileSystem) {
  ImageParts parts = three_layers();
  parts.process = {{"Entrypoint", {"/train"}}, {"User", "ml:staff"}, {"WorkingDir", "/work/deep"}};
  const ImageRecord record = add(parts);
  const fs::path root = store_.root_of(record.id);
  EXPECT_EQ(read_text(root / "train"), "#!");
  EXPECT_EQ(fs::hard_link_count(root / "train"), 2U);
  EXPECT_FALSE(fs::exists(root / "old"));
  for (const char* place : {"proc", "dev", "tmp", "run", "opt/ml", "work/deep"})
    EXPECT_TRUE(fs::is_directory(root / place)) << place;
  EXPECT_TRUE(fs::is_regular_file(root / "etc/hosts"));
  EXPECT_EQ(record.user_id, 1000);
  EXPECT_EQ(record.group_id, 50);
  EXPECT_EQ(record.home, "/home/ml");
  ASSERT_EQ(record.layers.size(), 3U);
  EXPECT_EQ(record.layers[1].digest, sha256_digest(parts.stored[1]));
  EXPECT_EQ(store_.find(record.id)->layers.size(), 3U);
  EXPECT_EQ(sha256_digest(store_.manifest_of(record.id, record.digest)), record.digest);
  EXPECT_THAT(stored(), ElementsAre(digest_hex(record.id)));
}

TEST_F(AddImageTest, AnImageIsUnpackedOnceHoweverItIsExported) {
  ImageParts parts = three_layers();
  const ImageRecord first = add(parts);
  write_text(store_.root_of(first.id) / "mark", "");
  parts.stored = parts.tars;
  const ImageRecord second = add(parts);
  EXPECT_EQ(second.id, first.id);
  EXPECT_NE(second.digest, first.digest) << "another manifest";
  EXPECT_TRUE(fs::exists(store_.root_of(first.id) / "mark"));
  for (const std::string& digest : {first.digest, second.digest})
    EXPECT_EQ(sha256_digest(store_.manifest_of(first.id, digest)), digest);
}

TEST_F(AddImageTest, AManifestWhoseLayersAreOthersIsNotKept) {
  ImageParts parts = three_layers();
  const ImageRecord record = add(parts);
  // The same configuration, and so the same image, but with a layer that is not of it.
  parts.stored[2] = tar(file("other", "x"));
  EXPECT_THROW(add(parts), Error);
  const auto files = files_of_directory(layout_);
  const std::string digest = find_image(*files, "", this_platform()).digest;
  EXPECT_NE(digest, record.digest);
  EXPECT_EQ(store_.manifest_of(record.id, digest), "");
}

TEST_F(AddImageTest, ATextThatIsNoManifestOfTheImageIsNone) {
  const ImageRecord record = add(three_layers());
  const std::string layer = tar(file("a", "2"));
  const ImageRecord other = add({.tars = {layer}, .stored = {layer}});
  const std::string foreign = store_.manifest_of(other.id, other.digest);
  write_text(store_.manifest_place(record.id, other.digest), foreign);
  EXPECT_EQ(store_.manifest_of(record.id, other.digest), "") << "of another image";
  write_text(store_.manifest_place(record.id, record.digest), foreign);
  EXPECT_EQ(store_.manifest_of(record.id, record.digest), "") << "of another digest";
}

TEST_F(AddImageTest, ALayerWithAnotherDigestIsRefused) {
  ImageParts parts = three_layers();
  put_index(layout_, {put_image(layout_, parts)});
  const fs::path blob = layout_ / "blobs/sha256" / digest_hex(sha256_digest(parts.stored[2]));
  std::string bytes = read_text(blob);
  bytes[bytes.size() - 1] = 'x';  // behind the end of the archive
  write_text(blob, bytes);
  EXPECT_THAT(refusal([&] { add_layout(); }),
              AllOf(HasSubstr("layer 3 of 3 (sha256:"), HasSubstr("expected the digest")));
  write_text(blob, bytes + "more");
  EXPECT_THAT(refusal([&] { add_layout(); }), HasSubstr("as the manifest says"));
  fs::remove(blob);
  EXPECT_THAT(refusal([&] { add_layout(); }), HasSubstr("The export is not whole"));
}

TEST_F(AddImageTest, ALayerWithAnotherDiffIdIsRefused) {
  ImageParts parts = three_layers();
  parts.stored[0] = gzipped(tar(file("other", "x")));
  EXPECT_THAT(refusal([&] { add(parts); }),
              AllOf(HasSubstr("layer 1 of 3"), HasSubstr("unpacked: got")));
}

TEST_F(AddImageTest, CutOffLayersAreRefused) {
  ImageParts parts = three_layers();
  parts.stored[0].resize(parts.stored[0].size() - 9);
  EXPECT_THAT(refusal([&] { add(parts); }),
              AllOf(HasSubstr("layer 1 of 3"), HasSubstr("expected a whole gzip stream")));
  parts = three_layers();
  parts.stored[1].resize(parts.stored[1].size() - 1);
  EXPECT_THAT(refusal([&] { add(parts); }), HasSubstr("expected a whole zstd stream"));
}

TEST_F(AddImageTest, ABombIsRefusedBeforeItIsWritten) {
  limits_.bytes = 100'000;
  const std::string bomb = tar(file("zeros", std::string(1'000'000, '\0')));
  EXPECT_THAT(
      refusal([&] { add({.tars = {bomb}, .stored = {gzipped(bomb)}}); }),
      AllOf(HasSubstr("layer 1 of 1"), HasSubstr("more than 100 kB"), HasSubstr("--max-size")));
  // Behind the end of the archive nothing is written, but it costs time.
  const std::string tail = tar(file("a", "x")) + std::string(1'000'000, '\0');
  EXPECT_THAT(refusal([&] { add({.tars = {tail}, .stored = {gzipped(tail)}}); }),
              HasSubstr("more than 100 kB when unpacked"));
}

TEST_F(AddImageTest, AMaliciousMemberIsRefusedByLayerAndName) {
  const std::string evil = tar(file("../../evil", "x"));
  EXPECT_THAT(refusal([&] { add({.tars = {evil}, .stored = {evil}}); }),
              AllOf(HasSubstr("layer 1 of 1 (sha256:"), HasSubstr("member '../../evil'")));
}

TEST_F(AddImageTest, AUserWhomTheImageDoesNotKnowIsRefusedAndANumberIsNot) {
  ImageParts parts = three_layers();
  parts.process = {{"User", "nobody"}};
  EXPECT_THAT(refusal([&] { add(parts); }), HasSubstr("the image's user: got \"nobody\""));
  parts.process = {{"User", "1234:staff"}};
  EXPECT_EQ(add(parts).user_id, 1234);
  parts.process = {{"User", ""}};
  EXPECT_EQ(add(parts).home, "/root");
}

TEST_F(AddImageTest, ADirectoryIsCopiedWithItsLinks) {
  const fs::path source = scratch_.path() / "source";
  write_text(source / "usr/bin/train", "#!");
  write_text(source / ".wh.odd", "kept");
  fs::permissions(source / "usr/bin/train", fs::perms(04755));
  fs::create_hard_link(source / "usr/bin/train", source / "usr/bin/zerve");
  fs::create_symlink("usr/bin", source / "bin");
  ImageConfig config;
  config.entrypoint = {"/usr/bin/train"};
  config.environment = {{"A", "1"}};
  const Unpacking unpacking{.store = store_, .limits = limits_};
  const ImageRecord record = add_root_file_system(source, config, unpacking);
  const fs::path root = store_.root_of(record.id);
  EXPECT_EQ(fs::hard_link_count(root / "usr/bin/zerve"), 2U);
  EXPECT_EQ(fs::read_symlink(root / "bin"), "usr/bin");
  EXPECT_EQ(read_text(root / ".wh.odd"), "kept");
  EXPECT_EQ(fs::status(root / "usr/bin/train").permissions(), fs::perms(0755));
  EXPECT_THAT(record.entrypoint, ElementsAre("/usr/bin/train"));
  EXPECT_EQ(record.kind, "rootfs");
  EXPECT_EQ(add_root_file_system(source, config, unpacking).id, record.id);
  config.environment = {{"A", "2"}};
  EXPECT_NE(add_root_file_system(source, config, unpacking).id, record.id);
  write_text(source / "usr/bin/more", "");
  config.environment = {{"A", "1"}};
  EXPECT_NE(add_root_file_system(source, config, unpacking).id, record.id);
}

TEST_F(AddImageTest, SweepingLeavesWhatHasANameOrIsInUse) {
  const std::string one = add(three_layers()).id;
  const std::string layer = tar(file("a", "2"));
  const std::string two = add({.tars = {layer}, .stored = {layer}}).id;
  const fs::path leftover = images_ / (std::string(64, 'f') + ".partial");
  fs::create_directories(leftover / "rootfs");
  store_.sweep({});
  EXPECT_TRUE(store_.find(one)) << "while an image is being added nothing is swept";
  lock_.close();
  {
    const Fd held(::open(store_.place(two).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_EQ(::flock(held.get(), LOCK_SH), 0);
    EXPECT_FALSE(store_.claim(two));
    EXPECT_TRUE(store_.claim(one));
    store_.sweep({one});
    EXPECT_TRUE(store_.find(one));
    EXPECT_TRUE(store_.find(two));
    EXPECT_FALSE(fs::exists(leftover));
  }
  store_.sweep({one});
  EXPECT_THAT(stored(), ElementsAre(digest_hex(one)));
}

/// Images of nothing but a few files, which nobody has added.
std::vector<std::string> make_images(const ImageStore& store, int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    ids.push_back(sha256_digest(std::to_string(i)));
    for (int file = 0; file < 20; ++file)
      write_text(store.root_of(ids.back()) / std::to_string(file), "x");
  }
  return ids;
}

TEST_F(AddImageTest, WhatAJobTakesWhileImagesAreSweptIsThereUntilItHasEnded) {
  lock_.close();
  std::size_t taken = 0;
  // Until a job has come in between, which takes a round or two.
  for (int round = 0; taken == 0 && round < 1000; ++round) {
    const std::vector<std::string> ids = make_images(store_, 64);
    std::vector<std::pair<std::string, Fd>> held;
    {
      const std::jthread sweeping([&] { store_.sweep({}); });
      while (std::all_of(ids.begin(), ids.end(),
                         [&](const std::string& id) { return fs::exists(store_.place(id)); })) {
      }
      for (const std::string& id : ids) {
        try {
          held.emplace_back(id, runner::hold_image(wire::control::TicketContainer{
                                    .root_file_system = store_.root_of(id).string()}));
        } catch (const Error& error) {
          EXPECT_THAT(error.what(), HasSubstr("was removed before the job could start"));
        }
      }
    }
    for (const auto& [id, lock] : held) EXPECT_TRUE(fs::exists(store_.root_of(id) / "0")) << id;
    taken += held.size();
    held.clear();
    store_.sweep({});
    EXPECT_THAT(stored(), IsEmpty());
  }
  EXPECT_GT(taken, 0U);
}

}  // namespace
}  // namespace millrace::containers
