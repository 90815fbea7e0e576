#include "platform/runner/transform/tfrecord.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::runner {
namespace {

std::string read_all_records(std::string_view file, std::size_t limit = 100) {
  MemorySource source(file);
  TfRecordReader reader(source, "x.tfrecord", limit);
  std::string text;
  try {
    while (const TfRecordReader::Found* record = reader.next())
      text += "[" + std::string(record->data) + "]";
  } catch (const Error& error) {
    text += error.what();
  }
  return text;
}

// The CRC-32C of the length of "abc" and of "abc" itself, masked as TensorFlow's page says:
// computed bit by bit in Python, where crc32c(b"123456789") == 0xe3069283.
TEST(TfRecord, IsFramedAsTensorFlowFramesIt) {
  EXPECT_EQ(to_hex(tfrecord_framed("abc")), "0300000000000000b099490e6162636e57f121");
}

TEST(TfRecord, RecordsAreReadInOrder) {
  EXPECT_EQ(read_all_records(tfrecord_framed("abc") + tfrecord_framed("") + tfrecord_framed("de")),
            "[abc][][de]");
  EXPECT_EQ(read_all_records(""), "");
}

TEST(TfRecord, DamageIsToldWithRecordAndByte) {
  std::string file = tfrecord_framed("abc") + tfrecord_framed("hello");
  EXPECT_EQ(
      read_all_records(file.substr(0, file.size() - 1)),
      "[abc]x.tfrecord, record 1, byte 19: got \"20 bytes up to the end of the file\", expected "
      "21 bytes. The file is cut off: write or upload it again.");
  EXPECT_EQ(
      read_all_records(file.substr(0, 22)),
      "[abc]x.tfrecord, record 1, byte 19: got \"3 bytes up to the end of the file\", expected "
      "12 bytes of length and checksum. The file is cut off: write or upload it again.");
  file[file.size() - 6] = 'x';
  EXPECT_NE(read_all_records(file).find("record 1, byte 19: got \"data of 5 bytes\", expected data "
                                        "of its checksum"),
            std::string::npos);
  EXPECT_NE(read_all_records("1,2,3\n4,5,6\n").find("Check that the file is TFRecord"),
            std::string::npos);
}

TEST(TfRecord, ALongerRecordThanAllowedIsRefusedBeforeItIsRead) {
  EXPECT_NE(read_all_records(tfrecord_framed("hello"), 4).find("at most 4 bytes"),
            std::string::npos);
}

}  // namespace
}  // namespace millrace::runner
