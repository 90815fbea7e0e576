#include "core/io/tar_writer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/io/file.h"
#include "core/io/shell_for_test.h"

namespace millrace {
namespace {

class TarWriterTest : public testing::Test {
 protected:
  TarWriterTest() { std::filesystem::create_directories(directory_); }
  ~TarWriterTest() override { std::filesystem::remove_all(directory_); }

  /// What GNU tar prints for the archive.
  std::string run_tar(const std::string& options) {
    write_file_durably(directory_ / "a.tar", archive_.text());
    return output_of("cd " + directory_.string() +
                     " && TZ=UTC LC_ALL=C.UTF-8 tar --quoting-style=literal " + options);
  }

  void add_file(const std::string& name, const std::string& content) {
    MemorySource source(content);
    tar_.add_file(name, content.size(), {.mode = 0640, .modified = from_millis(1700000000000)},
                  source);
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("tar_writer_" + random_hex(6));
  StringSink archive_;
  TarWriter tar_{archive_};
};

TEST_F(TarWriterTest, GnuTarListsWhatWasAdded) {
  tar_.add_directory("code", {.mode = 0755, .modified = from_millis(1700000000000)});
  add_file("code/train.py", "print(1)\n");
  tar_.add_symlink("latest", "code/train.py",
                   {.mode = 0777, .modified = from_millis(1700000000000)});
  tar_.finish();
  EXPECT_EQ(run_tar("-tvf a.tar"),
            "drwxr-xr-x 0/0               0 2023-11-14 22:13 code/\n"
            "-rw-r----- 0/0               9 2023-11-14 22:13 code/train.py\n"
            "lrwxrwxrwx 0/0               0 2023-11-14 22:13 latest -> code/train.py\n");
}

TEST_F(TarWriterTest, NamesAndLinksOfAnyLengthSurvive) {
  for (const std::size_t length : {99U, 100U, 101U, 255U}) {
    const std::string name = std::string(120, 'd') + "/" + std::string(length, 'n') + "ü";
    add_file(name, "x");
    tar_.add_symlink("l" + std::to_string(length), name, {});
  }
  tar_.finish();
  const std::string listing = run_tar("-tf a.tar");
  for (const std::size_t length : {99U, 100U, 101U, 255U}) {
    EXPECT_NE(listing.find("/" + std::string(length, 'n') + "ü\n"), std::string::npos) << length;
  }
  EXPECT_EQ(run_tar("-xf a.tar l255 && readlink l255"),
            std::string(120, 'd') + "/" + std::string(255, 'n') + "ü\n");
}

TEST_F(TarWriterTest, ContentsOfEverySizeAroundARecordComeBack) {
  for (const std::size_t size : {0U, 1U, 511U, 512U, 513U, 300000U}) {
    std::string content(size, 'x');
    if (!content.empty()) content.back() = '!';
    add_file("f" + std::to_string(size), content);
  }
  tar_.finish();
  EXPECT_EQ(archive_.text().size() % 10240, 0U);
  EXPECT_EQ(run_tar("-xf a.tar"), "");
  for (const std::size_t size : {0U, 1U, 511U, 512U, 513U, 300000U}) {
    const std::string content = read_file(directory_ / ("f" + std::to_string(size)));
    EXPECT_EQ(content.size(), size);
    if (size > 0) {
      EXPECT_EQ(content.back(), '!');
    }
  }
}

TEST_F(TarWriterTest, AFileThatShrankIsAnErrorThatNamesIt) {
  MemorySource source("abc");
  try {
    tar_.add_file("model.bin", 5, {}, source);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "archiving 'model.bin': it ended 2 bytes before the size it had at first");
  }
}

/// Endless zeros, so that a member above the octal limit costs no memory.
class Zeros final : public ByteSource {
 public:
  std::size_t read(std::span<char> buffer) override {
    std::fill(buffer.begin(), buffer.end(), '\0');
    return buffer.size();
  }
};

class HeadSink final : public ByteSink {
 public:
  void write(std::span<const char> bytes) override {
    if (head.size() < 4096) head.append(bytes.data(), std::min<std::size_t>(bytes.size(), 4096));
    if (head.size() >= 4096) throw Error(Blame::Platform, "enough");
  }
  std::string head;
};

TEST(TarWriter, ASizeOfEightGibibytesNeedsAnExtendedHeader) {
  HeadSink sink;
  TarWriter tar(sink);
  Zeros zeros;
  EXPECT_THROW(tar.add_file("big", std::uint64_t{1} << 33, {}, zeros), Error);
  EXPECT_EQ(sink.head.substr(512, 19), "19 size=8589934592\n");
}

}  // namespace
}  // namespace millrace
