#include "core/data/lst.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/data/detection_labels.h"

namespace millrace {
namespace {

/// Gives at most `step` bytes per read, as a FIFO may.
class Trickle final : public ByteSource {
 public:
  Trickle(std::string_view bytes, std::size_t step) : source_(bytes), step_(step) {}
  std::size_t read(std::span<char> buffer) override {
    return source_.read(buffer.first(std::min(step_, buffer.size())));
  }

 private:
  MemorySource source_;
  std::size_t step_;
};

std::vector<LstEntry> entries(std::string_view text) {
  MemorySource source(text);
  LstReader list(source, "train.lst");
  std::vector<LstEntry> all;
  while (const LstEntry* entry = list.next()) all.push_back(*entry);
  return all;
}

std::string rewritten(const std::vector<LstEntry>& all) {
  StringSink sink;
  LstWriter writer(sink);
  for (const LstEntry& entry : all) writer.write(entry);
  return sink.text();
}

std::string refusal(std::string_view text) {
  try {
    (void)entries(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(Lst, ResultDoesNotDependOnHowTheStreamIsCut) {
  const std::string text = "7\t3\ta/b c.jpg\r\n\n  \n12\t0.5\t1e1\t d.png \n0\t1\tlast.jpg";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    Trickle source(text, step);
    LstReader list(source, "train.lst");
    const LstEntry* entry = list.next();
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->index, 7U);
    EXPECT_EQ(entry->labels, std::vector<float>{3});
    EXPECT_EQ(entry->path, "a/b c.jpg");
    EXPECT_EQ(entry->line, 1);
    entry = list.next();
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->labels, (std::vector<float>{0.5, 10}));
    EXPECT_EQ(entry->path, "d.png");
    EXPECT_EQ(entry->line, 4);
    EXPECT_EQ(path_column(*entry), 4);
    entry = list.next();
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->path, "last.jpg");
    EXPECT_EQ(list.next(), nullptr);
  }
}

TEST(Lst, ADetectionLineIsAHeaderAndItsObjects) {
  const auto all = entries("0\t2\t5\t1.0\t0.1000\t0.2000\t0.5000\t0.6000\timg.jpg\n");
  ASSERT_EQ(all.size(), 1U);
  const DetectionLabels labels = DetectionLabels::parse(all[0].labels, "train.lst, line 1");
  ASSERT_EQ(labels.objects(), 1);
  EXPECT_EQ(labels.object(0)[0], 1);
  EXPECT_EQ(labels.object(0)[3], 0.5f);
}

TEST(Lst, MistakesAreNamedWithLineAndColumn) {
  EXPECT_EQ(refusal("0\t1\ta.jpg\n1 1 b.jpg\n"),
            "train.lst, line 2: got \"1 1 b.jpg\", expected index, label and path, separated by "
            "tabs. Put a tab between the columns; spaces do not separate them.");
  EXPECT_EQ(refusal("\n0\ta.jpg\n"),
            "train.lst, line 2: got \"0\\x09a.jpg\", expected index, label and path, separated by "
            "tabs. Add the missing column.");
  EXPECT_EQ(refusal("x\t1\ta.jpg\n"),
            "train.lst, line 1, column 1: got \"x\", expected the index of the image, a whole "
            "number of at least 0. Number the lines, each with a number of its own.");
  EXPECT_EQ(refusal("0\t1\tcat\ta.jpg\n"),
            "train.lst, line 1, column 3: got \"cat\", expected a label, a finite number. Only the "
            "last column is text: the path of the image.");
  for (const char* text : {"-1\t1\ta", "1.5\t1\ta", "0\tnan\ta", "0\t1e39\ta", "0\t\ta", "0\t1\t"})
    EXPECT_NE(refusal(text), "accepted") << text;
  EXPECT_NE(refusal(std::string_view("0\t1\ta\0b", 7)), "accepted");
}

TEST(Lst, ALineWithoutEndIsRefusedBeforeItFillsTheMemory) {
  const std::string text(LstReader::kMaxLineBytes + 1, 'x');
  EXPECT_NE(refusal(text).find("expected a line of at most 4194304 bytes"), std::string::npos);
}

TEST(Lst, WhatIsUnchangedIsWrittenAsItStood) {
  const std::string text = "7\t3.0\ta.jpg\r\n 8 \t1.0000\t b.jpg\n9\t01\tc.jpg\n";
  auto all = entries(text);
  EXPECT_EQ(rewritten(all), text);
  all[1].labels[0] = 2;
  all.push_back({.index = 10, .labels = {0.1f, 4}, .path = "new.jpg"});
  EXPECT_EQ(rewritten(all), "7\t3.0\ta.jpg\r\n 8 \t2\t b.jpg\n9\t01\tc.jpg\n10\t0.1\t4\tnew.jpg\n");
}

TEST(Lst, AColumnThatIsUnchangedKeepsItsSpelling) {
  auto all = entries("\t07\t2\t5\t1.0\t0.1000\t0.2000\t0.5000\t0.6000\ta.jpg\r\n8\t1.0\tb.jpg\n");
  all[0].labels[2] = 3;
  all[0].path = "c.jpg";
  all[1].labels = {1, 0};
  EXPECT_EQ(rewritten(all),
            "\t07\t2\t5\t3\t0.1000\t0.2000\t0.5000\t0.6000\tc.jpg\r\n8\t1\t0\tb.jpg\n");
}

TEST(Lst, APathLeadsOutsideByItsPartsAndNotByDotsInNames) {
  for (const char* path : {"/a.jpg", "..", "../a.jpg", "a/../../b.jpg", "a/.."})
    EXPECT_TRUE(leads_outside(path)) << path;
  for (const char* path : {"a.jpg", "..a.jpg", "a../b.jpg", "a/..b/c.jpg", "./a.jpg", "a//b.jpg"})
    EXPECT_FALSE(leads_outside(path)) << path;
}

TEST(Lst, AnEntryThatCouldNotBeReadBackIsNotWritten) {
  for (const char* path : {"", "a\tb", "a\nb", " a", "a\r"})
    EXPECT_THROW((void)rewritten({{.index = 0, .labels = {1}, .path = path}}), Error) << path;
  EXPECT_THROW((void)rewritten({{.index = 0, .labels = {}, .path = "a"}}), Error);
}

}  // namespace
}  // namespace millrace
