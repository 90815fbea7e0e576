#include "codec/image_header.h"

#include <gtest/gtest.h>

#include <string>

namespace millrace {
namespace {

using namespace std::string_literals;

/// 300 x 200 in three components: a comment, a thumbnail's end in APP1, fill bytes, the frame.
const std::string kJpeg =
    "\xff\xd8\xff\xfe\x00\x04hi\xff\xe1\x00\x06x\xff\xd9y"
    "\xff\xff\xc2\x00\x11\x08\x00\xc8\x01\x2c\x03"s +
    std::string(9, '\1');

TEST(ImageHeader, AJpegTellsItsSizeInItsFrame) {
  const auto header = read_image_header(kJpeg);
  ASSERT_TRUE(header);
  EXPECT_EQ(name_of(header->format), "jpeg");
  EXPECT_EQ(header->width, 300);
  EXPECT_EQ(header->height, 200);
  EXPECT_EQ(header->channels, 3);
}

TEST(ImageHeader, APngTellsItsSizeInItsFirstChunk) {
  const auto png = [](char colour_type) {
    return "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x01\0\0\0\x07\x08"s + colour_type + "\0\0\0"s;
  };
  const auto header = read_image_header(png(2));
  ASSERT_TRUE(header);
  EXPECT_EQ(name_of(header->format), "png");
  EXPECT_EQ(header->width, 513);
  EXPECT_EQ(header->height, 7);
  EXPECT_EQ(header->channels, 3);
  EXPECT_EQ(read_image_header(png(0))->channels, 1);
  EXPECT_EQ(read_image_header(png(3))->channels, 3);
  EXPECT_EQ(read_image_header(png(4))->channels, 2);
  EXPECT_EQ(read_image_header(png(6))->channels, 4);
}

TEST(ImageHeader, BytesThatEndBeforeTheSizeOrAreNoImageHaveNone) {
  for (std::size_t size = 0; size < kJpeg.size() - 9; ++size)
    EXPECT_FALSE(read_image_header(std::string_view(kJpeg).substr(0, size))) << size;
  EXPECT_FALSE(read_image_header("RIFF....WEBP"));
  EXPECT_FALSE(read_image_header("\xff\xd8\xff\xda\x00\x08"s)) << "pixels without a frame";
  EXPECT_FALSE(read_image_header("\xff\xd8\xff\xe0\x00\x01\xff\xc0"s)) << "a length below its own";
}

TEST(ImageHeader, AFileThatIsCutOffDoesNotReachItsEnd) {
  EXPECT_FALSE(reaches_its_end(kJpeg)) << "the thumbnail's end does not count";
  EXPECT_TRUE(reaches_its_end(kJpeg + "\xff\xda....\xff\xd9"));
  EXPECT_TRUE(reaches_its_end(kJpeg + "\xff\xda....\xff\xd9 and what a camera put behind"));
  EXPECT_FALSE(reaches_its_end("text"));
}

}  // namespace
}  // namespace millrace
