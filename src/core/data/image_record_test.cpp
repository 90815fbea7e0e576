#include "core/data/image_record.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

TEST(ImageRecord, AScalarLabelStandsInTheHeader) {
  ImageRecord record;
  record.labels = {3};
  record.id = 7;
  record.image = "JPEG";
  const std::string bytes = format_image_record(record);
  EXPECT_EQ(to_hex(bytes),
            "0000000000004040"
            "0700000000000000"
            "0000000000000000"
            "4a504547");
  const ImageRecord back = parse_image_record(bytes, "r");
  EXPECT_EQ(back.labels, std::vector<float>{3});
  EXPECT_EQ(back.id, 7U);
  EXPECT_EQ(back.image, "JPEG");
}

TEST(ImageRecord, SeveralLabelsFollowTheHeader) {
  ImageRecord record;
  record.labels = {1, 0, 1};
  record.image = "x";
  const std::string bytes = format_image_record(record);
  EXPECT_EQ(bytes.size(), 24U + 12U + 1U);
  EXPECT_EQ(parse_image_record(bytes, "r").labels, (std::vector<float>{1, 0, 1}));
  EXPECT_EQ(parse_image_record(bytes, "r").image, "x");
}

TEST(ImageRecord, AFlagOfOneMeansOneLabelAfterTheHeader) {
  const std::string bytes = from_hex(
                                "0100000000000000"
                                "0000000000000000"
                                "0000000000000000"
                                "0000a040"
                                "ff")
                                .value();
  EXPECT_EQ(parse_image_record(bytes, "r").labels, std::vector<float>{5});
  EXPECT_EQ(parse_image_record(bytes, "r").image.size(), 1U);
}

TEST(ImageRecord, APayloadShorterThanItsHeaderIsRefused) {
  EXPECT_THROW((void)parse_image_record("short", "train.rec, record 0"), Error);
  std::string bytes(24, '\0');
  bytes[0] = 2;
  try {
    (void)parse_image_record(bytes, "train.rec, record 4");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "train.rec, record 4: got \"24 bytes\", expected an image record: at least 32 "
                 "bytes of header and "
                 "labels. Pack the images with MXNet's im2rec or 'millrace data'.");
  }
}

}  // namespace
}  // namespace millrace
