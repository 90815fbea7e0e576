#include "platform/cli/lst/thumbnail.h"

#include <gmock/gmock.h>

namespace millrace::cli {
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

}  // namespace
}  // namespace millrace::cli
