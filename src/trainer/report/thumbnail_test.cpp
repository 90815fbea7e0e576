#include "trainer/report/thumbnail.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

Image checkerboard(std::int64_t width, std::int64_t height) {
  Image image{.width = width, .height = height, .channels = 1, .pixels = {}};
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) image.pixels.push_back((x + y) % 2 == 0 ? 0 : 255);
  }
  return image;
}

TEST(Thumbnail, KeepsProportions) {
  const Image wide = thumbnail(checkerboard(300, 200), 96);
  EXPECT_EQ(wide.width, 96);
  EXPECT_EQ(wide.height, 64);
  const Image enlarged = thumbnail(checkerboard(8, 28), 112);
  EXPECT_EQ(enlarged.width, 32);
  EXPECT_EQ(enlarged.height, 112);
}

TEST(Thumbnail, AFinePatternTurnsGrey) {
  for (const std::uint8_t pixel : thumbnail(checkerboard(64, 64), 16).pixels) EXPECT_EQ(pixel, 128);
}

TEST(Thumbnail, ALineOfPixelsStaysVisible) {
  const Image line = thumbnail(checkerboard(5000, 1), 50);
  EXPECT_EQ(line.width, 50);
  EXPECT_EQ(line.height, 1);
}

}  // namespace
}  // namespace millrace
