#include "core/data/libsvm.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace {
namespace {

std::string refusal(std::string_view text, LibsvmOptions options = {}) {
  MemorySource source(text);
  LibsvmReader reader(source, "a.libsvm", options);
  try {
    for (Row row; reader.read(row);) {
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(Libsvm, RowsBecomeASparseBatchWithCommentsAndBlankLinesPassedOver) {
  const std::string text =
      "# made by hand\n"
      "+1 1:0.5 3:-2e3\r\n"
      "\n"
      "-1 \t2:7 # the last";
  MemorySource source(text);
  LibsvmReader reader(source, "a.libsvm", {});
  SparseBatch batch;
  ASSERT_TRUE(reader.read(batch, 10));
  EXPECT_EQ(batch.rows, 2);
  EXPECT_EQ(batch.columns, 3);
  EXPECT_EQ(batch.labels, (std::vector<float>{1, -1}));
  EXPECT_EQ(batch.row_starts, (std::vector<std::int64_t>{0, 2, 3}));
  EXPECT_EQ(batch.indices, (std::vector<std::int64_t>{0, 2, 1}));
  EXPECT_EQ(batch.values, (std::vector<float>{0.5f, -2000, 7}));
  EXPECT_FALSE(reader.read(batch, 10));
}

TEST(Libsvm, TheIndexBaseIsAnOptionAndNeverGuessed) {
  EXPECT_EQ(refusal("1 0:5\n", {.index_base = 0, .columns = {}}), "accepted");
  EXPECT_EQ(refusal("1 0:5\n"),
            "a.libsvm, line 1, byte 2: got \"0\", expected an index from 1 to 2147483647. "
            "This file counts columns from 0: read it with index base 0.");
}

TEST(Libsvm, IndicesMustAscendAndStayInTheColumns) {
  EXPECT_EQ(refusal("1 1:1\n1 3:1 3:2\n"),
            "a.libsvm, line 2, byte 6: got \"3\", expected an index above 3, the one before it. "
            "Sort the indices of each line; none may come twice.");
  EXPECT_EQ(refusal("1 4:1\n", {.index_base = 1, .columns = 3}),
            "a.libsvm, line 1, byte 2: got \"4\", expected an index from 1 to 3. "
            "A line is 'label index:value index:value ...'.");
}

TEST(Libsvm, QueryIdsWeightsAndSeveralLabelsAreRefusedByName) {
  EXPECT_EQ(refusal("1 qid:3 1:2\n"),
            "a.libsvm, line 1, byte 2: got \"qid:3\", expected no 'qid': ranking is not supported. "
            "Take the query ids out.");
  EXPECT_NE(refusal("1:0.5 1:2\n").find("weights of rows are not supported"), std::string::npos);
  EXPECT_NE(refusal("1,2 1:2\n").find("Several labels are not supported"), std::string::npos);
}

TEST(Libsvm, WhatIsNoNumberIsRefused) {
  for (const char* line : {"x 1:1", "1 x:1", "1 1:x", "1 1:", "1 :1", "1 1", "1 1:nan", "1 1:inf",
                           "1 1:1e99", "1 99999999999:1", "1 -1:1", "1 1.5:1"}) {
    EXPECT_NE(refusal(line), "accepted") << line;
  }
}

TEST(Libsvm, WhatIsWrittenLeavesZerosOut) {
  StringSink sink;
  LibsvmWriter writer(sink, 1);
  writer.write(
      {.labels = {1}, .sparse = false, .columns = 3, .indices = {}, .values = {0.5, 0, 2}});
  writer.write(
      {.labels = {}, .sparse = true, .columns = 9, .indices = {1, 8}, .values = {0, 0.1f}});
  EXPECT_EQ(sink.text(), "1 1:0.5 3:2\n0 9:0.1\n");
}

}  // namespace
}  // namespace millrace
