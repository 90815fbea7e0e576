#include "core/data/recordio_index.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace {
namespace {

std::string refusal(std::string_view text) {
  MemorySource source(text);
  RecordIndexReader index(source, "a.idx");
  try {
    while (index.next() != nullptr) {
    }
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(RecordIndex, LinesOfKeyAndOffsetReadAndWrite) {
  std::string text;
  append_index_line(text, {.key = 7, .offset = 0});
  append_index_line(text, {.key = 3, .offset = 128});
  EXPECT_EQ(text, "7\t0\n3\t128\n");
  MemorySource source(text);
  RecordIndexReader index(source, "a.idx");
  EXPECT_EQ(index.next()->key, 7u);
  EXPECT_EQ(index.next()->offset, 128u);
  EXPECT_EQ(index.next(), nullptr);
}

TEST(RecordIndex, OtherLinesAndOffsetsInsideAWordAreRefused) {
  EXPECT_EQ(refusal("0\t0\n1\t6\n"),
            "a.idx, line 2, byte 2: got \"6\", expected a multiple of four. "
            "The index belongs to another file: write both together.");
  for (const char* line :
       {"1 4", "1\t", "\t4", "x\t4", "1\t4\t8", "-1\t4", "1\t99999999999999999999"})
    EXPECT_NE(refusal(line), "accepted") << line;
}

}  // namespace
}  // namespace millrace
