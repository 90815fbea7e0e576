#include <gtest/gtest.h>

#include "codec/image.h"
#include "codec/pack_idx.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"

namespace millrace {
namespace {

TEST(PackIdx, WritesOneGreyPngPerImageInOrder) {
  const std::string images = from_hex(
                                 "00000803"
                                 "00000002"
                                 "00000001"
                                 "00000002"
                                 "00ff8001")
                                 .value();
  const std::string labels = from_hex(
                                 "00000801"
                                 "00000002"
                                 "0903")
                                 .value();
  MemorySource image_source(images), label_source(labels);
  StringSink sink;
  EXPECT_EQ(pack_idx(image_source, label_source, sink), 2);

  MemorySource packed(sink.text());
  RecordIoReader reader(packed, "packed");
  const ImageRecord first = parse_image_record(*reader.next(), "first");
  EXPECT_EQ(first.labels, std::vector<float>{9});
  EXPECT_EQ(decode_image(first.image, "first").pixels, (std::vector<std::uint8_t>{0x00, 0xff}));
  const ImageRecord second = parse_image_record(*reader.next(), "second");
  EXPECT_EQ(second.labels, std::vector<float>{3});
  EXPECT_EQ(second.id, 1U);
  EXPECT_EQ(decode_image(second.image, "second").pixels, (std::vector<std::uint8_t>{0x80, 0x01}));
  EXPECT_EQ(reader.next(), nullptr);
}

TEST(PackIdx, SplitsADataSetByFirstRecordAndCountKeepingIds) {
  const std::string images = from_hex(
                                 "00000803"
                                 "00000003"
                                 "00000001"
                                 "00000001"
                                 "102030")
                                 .value();
  const std::string labels = from_hex(
                                 "00000801"
                                 "00000003"
                                 "010203")
                                 .value();
  MemorySource image_source(images), label_source(labels);
  StringSink sink;
  EXPECT_EQ(pack_idx(image_source, label_source, sink, {.first_record = 1, .max_records = 1}), 1);
  MemorySource packed(sink.text());
  RecordIoReader reader(packed, "packed");
  const ImageRecord only = parse_image_record(*reader.next(), "only");
  EXPECT_EQ(only.labels, std::vector<float>{2});
  EXPECT_EQ(only.id, 1U);
  EXPECT_EQ(reader.next(), nullptr);
}

TEST(PackIdx, RefusesAFirstRecordBehindTheEnd) {
  const std::string images = from_hex(
                                 "00000803"
                                 "00000001"
                                 "00000001"
                                 "00000001"
                                 "00")
                                 .value();
  const std::string labels = from_hex(
                                 "00000801"
                                 "00000001"
                                 "09")
                                 .value();
  MemorySource image_source(images), label_source(labels);
  StringSink sink;
  EXPECT_THROW(pack_idx(image_source, label_source, sink, {.first_record = 1}), Error);
}

TEST(PackIdx, RefusesFilesThatDoNotBelongTogether) {
  const std::string images = from_hex(
                                 "00000803"
                                 "00000001"
                                 "00000001"
                                 "00000001"
                                 "00")
                                 .value();
  const std::string labels = from_hex(
                                 "00000801"
                                 "00000002"
                                 "0903")
                                 .value();
  MemorySource image_source(images), label_source(labels);
  StringSink sink;
  EXPECT_THROW(pack_idx(image_source, label_source, sink), Error);
}

}  // namespace
}  // namespace millrace
