#include "core/io/tar_reader.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "core/base/error.h"

namespace millrace {
namespace {

/// One member as any tar writes it: header block, content, padding.
std::string member(const std::string& name, const std::string& content, char type = '0') {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  char size[12];
  std::snprintf(size, sizeof size, "%011zo", content.size());
  header.replace(124, 11, size);
  header[156] = type;
  header.replace(257, 5, "ustar");
  header.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char checksum[8];
  std::snprintf(checksum, sizeof checksum, "%06o", sum);
  header.replace(148, 7, checksum, 7);
  return header + content + std::string((512 - content.size() % 512) % 512, '\0');
}

std::vector<std::pair<std::string, std::string>> read(const std::string& archive) {
  MemorySource source(archive);
  TarReader tar(source, "a.tar");
  std::vector<std::pair<std::string, std::string>> members;
  while (const auto found = tar.next())
    members.emplace_back(found->name, read_all(tar, 1 << 20, found->name));
  return members;
}

using Members = std::vector<std::pair<std::string, std::string>>;

TEST(TarReader, ReadsFilesAndSkipsTheRest) {
  const std::string archive = member("./a", "one") + member("dir/", "", '5') +
                              member("dir/b", std::string(600, 'x')) + std::string(1024, '\0');
  EXPECT_EQ(read(archive), (Members{{"a", "one"}, {"dir/b", std::string(600, 'x')}}));
}

TEST(TarReader, LongNamesComeFromGnuAndPaxHeaders) {
  const std::string name(150, 'n');
  EXPECT_EQ(read(member("././@LongLink", name + std::string(1, '\0'), 'L') + member("short", "1")),
            (Members{{name, "1"}}));
  EXPECT_EQ(read(member("pax", "160 path=" + name + "\n", 'x') + member("short", "1")),
            (Members{{name, "1"}}));
}

TEST(TarReader, AMemberMayBeLeftUnread) {
  const std::string archive = member("a", std::string(5000, 'x')) + member("b", "two");
  MemorySource source(archive);
  TarReader tar(source, "a.tar");
  ASSERT_TRUE(tar.next());
  EXPECT_EQ(tar.next()->name, "b");
  EXPECT_FALSE(tar.next());
}

TEST(TarReader, ACutOffArchiveIsRefused) {
  const std::string archive = member("a", std::string(700, 'x'));
  EXPECT_THROW(read(archive.substr(0, 300)), Error);
  EXPECT_THROW(read(archive.substr(0, 900)), Error);
}

std::string refusal(const std::string& archive) {
  try {
    read(archive);
  } catch (const Error& error) {
    return error.what();
  }
  return "read";
}

TEST(TarReader, ASparseFileOfPaxIsRefusedByNameAndPlace) {
  // As GNU tar 1.34 writes it with --format=posix --sparse.
  const std::string records =
      "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
      "31 GNU.sparse.name=weights.bin\n32 GNU.sparse.realsize=10485760\n";
  EXPECT_EQ(refusal(member("a", "one") + member("./PaxHeaders/weights.bin", records, 'x') +
                    member("./GNUSparseFile.1/weights.bin", "0\n")),
            "a.tar, byte 2048: got \"the sparse file 'weights.bin' (GNU.sparse.major)\", expected "
            "files without holes. Pack it again without tar's option --sparse (-S).");
  // Version 0.0 says nothing of a name.
  EXPECT_EQ(refusal(member("pax", "23 GNU.sparse.size=512\n", 'x') + member("holes", "x")),
            "a.tar, byte 1024: got \"the sparse file 'holes' (GNU.sparse.size)\", expected files "
            "without holes. Pack it again without tar's option --sparse (-S).");
}

TEST(TarReader, ASparseFileOfGnusOwnKindIsRefusedByNameAndPlace) {
  EXPECT_EQ(refusal(member("a", "one") + member("holes", "x", 'S')),
            "a.tar, byte 1024: got \"the sparse file 'holes' (type 'S')\", expected files without "
            "holes. Pack it again without tar's option --sparse (-S).");
}

TEST(TarReader, AWrongChecksumIsRefusedByName) {
  std::string archive = member("a", "x");
  archive[0] = 'b';
  try {
    read(archive);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "a.tar, byte 0: got \"a wrong checksum\", expected a tar header. "
                 "The archive is damaged or cut off: pack or upload it again.");
  }
}

}  // namespace
}  // namespace millrace
