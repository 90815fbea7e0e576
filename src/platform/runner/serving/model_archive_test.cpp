#include "platform/runner/serving/model_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/io/file.h"
#include "core/io/shell_for_test.h"

namespace millrace::runner {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

/// One member as any tar writes it: header block, content, padding (POSIX.1-2008, ustar).
struct Member {
  std::string name;
  std::string content;
  char type = '0';
  std::string link{};
  std::uint64_t size = 0;  ///< what the header says; 0: that of the content
};

std::string block_of(const Member& member) {
  std::string header(512, '\0');
  header.replace(0, member.name.size(), member.name);
  header.replace(100, 7, "0000644");
  char size[12];
  std::snprintf(size, sizeof size, "%011zo",
                static_cast<std::size_t>(member.size > 0 ? member.size : member.content.size()));
  header.replace(124, 11, size);
  header[156] = member.type;
  header.replace(157, member.link.size(), member.link);
  header.replace(257, 5, "ustar");
  header.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char checksum[8];
  std::snprintf(checksum, sizeof checksum, "%06o", sum);
  header.replace(148, 7, checksum, 7);
  return header + member.content + std::string((512 - member.content.size() % 512) % 512, '\0');
}

class ModelArchiveTest : public testing::Test {
 protected:
  ModelArchiveTest() { fs::create_directories(model_); }
  ~ModelArchiveTest() override { fs::remove_all(root_); }

  void unpack_bytes(const std::string& packed, std::int64_t max_bytes = 1 << 20) {
    MemorySource source(packed);
    unpack_model(source, "model", model_, max_bytes, {});
  }
  void unpack(const std::vector<Member>& members, std::int64_t max_bytes = 1 << 20) {
    StringSink packed;
    GzipSink gzip(packed);
    for (const Member& member : members) {
      const std::string block = block_of(member);
      gzip.write(block);
    }
    gzip.write(std::string(1024, '\0'));
    gzip.finish();
    unpack_bytes(packed.text(), max_bytes);
  }
  std::string refusal(const std::vector<Member>& members, std::int64_t max_bytes = 1 << 20) {
    try {
      unpack(members, max_bytes);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      EXPECT_TRUE(fs::is_empty(outside_)) << "something was written outside";
      return error.what();
    }
    return "none";
  }

  fs::path root_ = fs::temp_directory_path() / ("model_archive_test_" + random_hex(6));
  fs::path model_ = root_ / "model";
  fs::path outside_ = [this] {
    fs::create_directories(root_ / "outside");
    return root_ / "outside";
  }();
};

TEST_F(ModelArchiveTest, WhatTarPacksIsThereAgain) {
  const fs::path source = root_ / "source";
  fs::create_directories(source / "code/empty");
  write_file_durably(source / "weights", std::string(300'000, 'w'));
  write_file_durably(source / "code/run.sh", "#!/bin/sh\n", 0755);
  fs::create_symlink("../weights", source / "code/link");
  fs::create_hard_link(source / "weights", source / "weights-again");
  const std::string name(180, 'n');
  write_file_durably(source / name, "long");
  for (const char* format : {"gnu", "pax"}) {
    fs::remove_all(model_);
    fs::create_directories(model_);
    const std::string archive = (root_ / "m.tar.gz").string();
    output_of("tar --format=" + std::string(format) + " -C " + source.string() + " -czf " +
              archive + " .");
    unpack_bytes(read_file(archive));
    EXPECT_EQ(output_of("diff -r " + source.string() + " " + model_.string()), "") << format;
    EXPECT_TRUE(fs::is_directory(model_ / "code/empty"));
    EXPECT_EQ(fs::read_symlink(model_ / "code/link"), "../weights");
    struct stat status {};
    ASSERT_EQ(::stat((model_ / "code/run.sh").c_str(), &status), 0);
    EXPECT_NE(status.st_mode & 0100U, 0U) << "may be executed";
  }
}

TEST_F(ModelArchiveTest, ALaterMemberReplacesAnEarlierOneOfItsName) {
  unpack({{.name = "a", .content = "one"}, {.name = "./a", .content = "two"}});
  EXPECT_EQ(read_file(model_ / "a"), "two");
}

TEST_F(ModelArchiveTest, NamesThatLeadOutAreRefused) {
  EXPECT_THAT(refusal({{.name = "../outside/a", .content = "x"}}),
              HasSubstr("model, member '../outside/a': got \"../outside/a\", expected a name below "
                        "the model's directory"));
  EXPECT_THAT(refusal({{.name = "a/../../outside/a", .content = "x"}}),
              HasSubstr("member 'a/../.."));
  EXPECT_THAT(refusal({{.name = (outside_ / "a").string(), .content = "x"}}),
              HasSubstr("expected a name below the model's directory"));
}

TEST_F(ModelArchiveTest, LinksThatLeadOutAreRefused) {
  constexpr const char* kExpected = "expected a link to something inside the model's directory";
  EXPECT_THAT(refusal({{.name = "l", .type = '2', .link = "../outside"}}), HasSubstr(kExpected));
  EXPECT_THAT(refusal({{.name = "l", .type = '2', .link = "/etc/passwd"}}), HasSubstr(kExpected));
  EXPECT_THAT(refusal({{.name = "d/l", .type = '2', .link = "../../outside"}}),
              HasSubstr(kExpected));
  // d/up leads to the root, so what lies behind it is one level higher than it looks.
  EXPECT_THAT(refusal({{.name = "d/up", .type = '2', .link = ".."},
                       {.name = "l", .type = '2', .link = "d/up/../outside"}}),
              HasSubstr(kExpected));
  EXPECT_THAT(refusal({{.name = "h", .type = '1', .link = "../outside/a"}}),
              HasSubstr("expected a name below the model's directory"));
  EXPECT_THAT(refusal({{.name = "h", .type = '1', .link = "none"}}),
              HasSubstr("is a link to 'none', which is no file before it in the archive"));
}

TEST_F(ModelArchiveTest, NothingIsWrittenBehindALink) {
  fs::create_symlink(outside_, model_ / "l");
  EXPECT_THAT(refusal({{.name = "l/a", .content = "x"}}),
              HasSubstr("member 'l/a' lies behind 'l', which is no directory"));
  unpack({{.name = "d/a", .content = "inside"}, {.name = "s", .type = '2', .link = "d/a"}});
  EXPECT_THAT(refusal({{.name = "s/b", .content = "x"}}), HasSubstr("lies behind 's'"));
  // A file takes the place of a link; what that led to stays as it was.
  fs::create_symlink(outside_ / "a", model_ / "t");
  unpack({{.name = "t", .content = "new"}});
  EXPECT_EQ(read_file(model_ / "t"), "new");
  EXPECT_TRUE(fs::is_empty(outside_));
}

TEST_F(ModelArchiveTest, DevicesAndOtherSpecialMembersAreRefused) {
  for (const char type : {'3', '4', '6', 'V'}) {
    EXPECT_THAT(refusal({{.name = "special", .type = type}}),
                HasSubstr("member 'special' is neither a file nor a directory nor a link"))
        << type;
  }
  EXPECT_THAT(refusal({{.name = "special", .type = 'S'}}), HasSubstr("the sparse file 'special'"));
  EXPECT_TRUE(fs::is_empty(model_));
}

TEST_F(ModelArchiveTest, BombsEndAtTheVolume) {
  EXPECT_THAT(refusal({{.name = "a", .content = std::string(3000, 'x')},
                       {.name = "big", .content = std::string(300'000, '\0')}},
                      100'000),
              HasSubstr("member 'big': the unpacked model takes more than the volume of"));
  EXPECT_FALSE(fs::exists(model_ / "big")) << "refused by its size, before a byte is written";
  EXPECT_THAT(refusal({{.name = "vast", .size = std::uint64_t{7} << 30}}),
              HasSubstr("takes more than the volume"));
  std::vector<Member> crowd;
  for (int i = 0; i < 100; ++i) crowd.push_back({.name = "empty" + std::to_string(i)});
  EXPECT_THAT(refusal(crowd, 100'000), HasSubstr("takes more than the volume"))
      << "an empty file takes room as well";
}

TEST_F(ModelArchiveTest, DamageIsTold) {
  const std::string whole = block_of({.name = "a", .content = std::string(5000, 'x')});
  const auto told = [&](const std::string& packed) -> std::string {
    try {
      unpack_bytes(packed);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_THAT(told("no gzip at all"), HasSubstr("model"));
  StringSink packed;
  GzipSink gzip(packed);
  gzip.write(whole.substr(0, 2000));
  gzip.finish();
  EXPECT_THAT(told(packed.text()), HasSubstr("model, byte "));
}

}  // namespace
}  // namespace millrace::runner
