#include "codec/shrink.h"

#include <gmock/gmock.h>

namespace millrace {
namespace {

// Expected pixels: cv2.resize(..., interpolation=cv2.INTER_AREA) of OpenCV 4.6.
TEST(Thumbnail, EachPixelIsTheMeanOfTheAreaItCovers) {
  Image grey{.width = 5, .height = 4, .channels = 1, .pixels = {}};
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 5; ++j)
      grey.pixels.push_back(static_cast<std::uint8_t>((37 * i + 91 * j * j) % 256));
  }
  const Image small = shrink(grey, 3);
  EXPECT_EQ(small.width, 3);
  EXPECT_EQ(small.height, 2);
  EXPECT_THAT(small.pixels, ::testing::ElementsAre(55, 112, 144, 129, 186, 142));

  Image colour{.width = 7, .height = 9, .channels = 3, .pixels = {}};
  for (int i = 0; i < 9; ++i) {
    for (int j = 0; j < 7; ++j) {
      for (int k = 0; k < 3; ++k)
        colour.pixels.push_back(static_cast<std::uint8_t>((29 * i + 17 * j + 70 * k) % 256));
    }
  }
  EXPECT_EQ(
      shrink(colour, 4).pixels,
      (std::vector<std::uint8_t>{31,  101, 171, 70,  140, 202, 109, 179, 172, 96,  166, 163,
                                 135, 205, 80,  174, 146, 58,  160, 182, 44,  199, 103, 83,
                                 165, 60,  122, 209, 51,  109, 117, 78,  148, 51,  117, 187}));
}

TEST(Thumbnail, APictureThatFitsIsLeftAsItIs) {
  const Image image{.width = 2, .height = 1, .channels = 1, .pixels = {3, 4}};
  EXPECT_EQ(shrink(image, 2).pixels, image.pixels);
  const Image line{
      .width = 100, .height = 1, .channels = 1, .pixels = std::vector<std::uint8_t>(100, 9)};
  EXPECT_EQ(shrink(line, 10).height, 1);  // and none loses its last row
}

TEST(Thumbnail, OfALargeJpegIsCloseToThatOfTheWholePicture) {
  if (!has_jpeg()) GTEST_SKIP() << "this build has no JPEG";
  Image image{.width = 1000, .height = 600, .channels = 3, .pixels = {}};
  for (int y = 0; y < 600; ++y) {
    for (int x = 0; x < 1000; ++x) {
      for (const int value : {x / 4, y / 3, (x + y) / 8})
        image.pixels.push_back(static_cast<std::uint8_t>(value));
    }
  }
  const std::string file = encode_jpeg(image, 95);
  const Image whole = shrink(decode_image(file, "test"), 96);
  const Image quick = decode_shrunk(file, 96, "test");
  ASSERT_EQ(quick.width, 96);
  ASSERT_EQ(quick.height, whole.height);
  for (std::size_t i = 0; i < whole.pixels.size(); ++i)
    EXPECT_NEAR(quick.pixels[i], whole.pixels[i], 4) << i;
  EXPECT_ANY_THROW(decode_shrunk(file.substr(0, 200), 96, "test"));
  EXPECT_ANY_THROW(decode_shrunk("no picture", 96, "test"));
}

}  // namespace
}  // namespace millrace
