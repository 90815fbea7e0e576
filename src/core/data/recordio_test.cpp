#include "core/data/recordio.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

std::string bytes(std::string_view hex) {
  return from_hex(hex).value();
}

std::string written(const std::vector<std::string>& records) {
  StringSink sink;
  RecordIoWriter writer(sink);
  for (const std::string& record : records) writer.write(record);
  return sink.text();
}

std::vector<std::string> streamed(std::string_view file) {
  MemorySource source(file);
  RecordIoReader reader(source, "a.rec");
  std::vector<std::string> records;
  while (const std::string_view* record = reader.next()) records.emplace_back(*record);
  return records;
}

std::vector<std::string> indexed(std::string_view file) {
  std::vector<std::string> records;
  std::string scratch;
  for (const RecordSpan& span : index_records(file, "a.rec"))
    records.emplace_back(record_payload(file, span, scratch));
  return records;
}

template <class Read>
std::string refusal(Read read, std::string_view file) {
  try {
    (void)read(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

const std::string kMagic = bytes("0a23d7ce");

TEST(RecordIo, WritesTheCanonicalBytes) {
  EXPECT_EQ(to_hex(written({"ab"})), "0a23d7ce0200000061620000");
  EXPECT_EQ(to_hex(written({kMagic})), "0a23d7ce000000200a23d7ce00000060");
  EXPECT_EQ(to_hex(written({"xxxx" + kMagic + "y"})),
            "0a23d7ce04000020787878780a23d7ce0100006079000000");
  EXPECT_EQ(to_hex(written({"x" + kMagic + "yyy"})),
            "0a23d7ce08000000"
            "780a23d7ce797979");
}

TEST(RecordIo, BothReadersReturnWhatWasWritten) {
  const std::vector<std::string> records{"",
                                         "a",
                                         "abcd",
                                         kMagic,
                                         kMagic + kMagic,
                                         "xxxx" + kMagic,
                                         kMagic + "x",
                                         "x" + kMagic,
                                         std::string(100, 'z') + kMagic + std::string(33, 'q')};
  EXPECT_EQ(streamed(written(records)), records);
  EXPECT_EQ(indexed(written(records)), records);
}

TEST(RecordIo, AnEmptyFileHasNoRecords) {
  EXPECT_TRUE(streamed("").empty());
  EXPECT_TRUE(indexed("").empty());
}

TEST(RecordIo, ATruncatedFileIsRefusedWithFileRecordAndByte) {
  const std::string file = written({"first", "second"});
  const std::string cut = file.substr(0, file.size() - 4);
  EXPECT_EQ(
      refusal(streamed, cut),
      "a.rec, record 1, byte 16: got \"4 bytes up to the end of the file\", expected 6 bytes. "
      "The file is cut off: pack or upload it again.");
  EXPECT_EQ(
      refusal(indexed, cut),
      "a.rec, record 1, byte 16: got \"4 bytes up to the end of the file\", expected 8 bytes. "
      "The file is cut off: pack or upload it again.");
  for (std::size_t size = 1; size < file.size(); ++size) {
    if (size == 16) continue;  // the end of the first record is a whole file
    EXPECT_NE(refusal(streamed, file.substr(0, size)), "accepted") << size;
    EXPECT_NE(refusal(indexed, file.substr(0, size)), "accepted") << size;
  }
}

TEST(RecordIo, AWrongMagicIsRefusedWithFileRecordAndByte) {
  std::string file = written({"first", "second"});
  file[16] = 'X';
  const std::string words =
      "a.rec, record 1, byte 16: got \"0x5823d7ce\", expected the RecordIO magic 0x0a23d7ce. "
      "Check that the file is RecordIO, as MXNet's im2rec writes it.";
  EXPECT_EQ(refusal(streamed, file), words);
  EXPECT_EQ(refusal(indexed, file), words);
}

TEST(RecordIo, ImpossibleChunkSequencesAreRefused) {
  for (const char* hex : {"0a23d7ce00000040",                  // middle without first
                          "0a23d7ce00000060",                  // last without first
                          "0a23d7ce000000200a23d7ce00000000",  // whole after first
                          "0a23d7ce000000200a23d7ce00000020",  // first after first
                          "0a23d7ce00000020",                  // nothing after first
                          "0a23d7ce00000080"}) {               // no such flag
    EXPECT_NE(refusal(streamed, bytes(hex)), "accepted") << hex;
    EXPECT_NE(refusal(indexed, bytes(hex)), "accepted") << hex;
  }
}

TEST(RecordIo, PaddingMayHoldAnything) {
  EXPECT_EQ(streamed(bytes("0a23d7ce020000006162ffff")), std::vector<std::string>{"ab"});
}

TEST(RecordIo, ARecordPutTogetherBeyondTheLimitIsRefused) {
  const std::string file = written({"xxxx" + kMagic + "yyyy"});
  MemorySource source(file);
  RecordIoReader reader(source, "a.rec", /*max_record_bytes=*/8);
  EXPECT_THROW(reader.next(), Error);
}

}  // namespace
}  // namespace millrace
