#include "platform/runner/line_splitter.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/base/text.h"

namespace millrace::runner {
namespace {

std::vector<std::string> lines_of(std::string_view text,
                                  std::size_t step = std::string_view::npos) {
  std::vector<std::string> lines;
  LineSplitter splitter([&](std::string_view line) { lines.emplace_back(line); });
  for (std::size_t at = 0; at < text.size(); at += std::min(step, text.size()))
    splitter.write(text.substr(at, step));
  splitter.finish();
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineSplitter, ResultDoesNotDependOnHowTheStreamIsCut) {
  const std::string text = "one\r\n\nzwölf 𝛼\nlast";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    EXPECT_EQ(lines_of(text, step), (Lines{"one", "", "zwölf 𝛼", "last"})) << step;
  }
}

TEST(LineSplitter, AProgressBarIsOneLine) {
  EXPECT_EQ(lines_of("10%\r50%\r100%\ndone\n"), (Lines{"10%\r50%\r100%", "done"}));
}

TEST(LineSplitter, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(lines_of("a\xff\xc3(\n"), (Lines{"a\uFFFD\uFFFD("}));
}

TEST(LineSplitter, ALongLineIsCutAndSaysSo) {
  const Lines lines = lines_of(std::string(kMaxLineBytes, 'x') + "\n" +
                               std::string(3 * kMaxLineBytes, 'y') + "\nnext\n");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], std::string(kMaxLineBytes, 'x'));
  EXPECT_EQ(lines[1].size(), kMaxLineBytes);
  EXPECT_TRUE(lines[1].ends_with("y [line cut at 256 KiB]"));
  EXPECT_EQ(lines[2], "next");
}

TEST(LineSplitter, ALineThatGrowsByReplacementStaysWithinTheLimit) {
  const Lines lines = lines_of(std::string(kMaxLineBytes, '\xff') + "\n");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_LE(lines[0].size(), kMaxLineBytes);
  EXPECT_TRUE(is_valid_utf8(lines[0]));
  EXPECT_TRUE(lines[0].ends_with(" [line cut at 256 KiB]"));
}

TEST(LineSplitter, NoOutputIsNoLine) {
  EXPECT_EQ(lines_of(""), Lines{});
}

}  // namespace
}  // namespace millrace::runner
