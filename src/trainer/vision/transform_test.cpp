#include "trainer/vision/transform.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

Image image(std::int64_t width, std::int64_t height, std::int64_t channels,
            std::vector<std::uint8_t> pixels) {
  return {.width = width, .height = height, .channels = channels, .pixels = std::move(pixels)};
}

TEST(Resize, SamplesBetweenPixelCentres) {
  EXPECT_EQ(resized(image(2, 1, 1, {0, 100}), 4, 1).pixels,
            (std::vector<std::uint8_t>{0, 25, 75, 100}));
  EXPECT_EQ(resized(image(1, 2, 1, {0, 100}), 1, 4).pixels,
            (std::vector<std::uint8_t>{0, 25, 75, 100}));
  EXPECT_EQ(resized(image(4, 1, 1, {0, 10, 20, 30}), 2, 1).pixels,
            (std::vector<std::uint8_t>{5, 25}));
}

TEST(Resize, TheShorterEdgeDecidesAndTheOtherIsRoundedDown) {
  const Image wide = resized_shorter(image(7, 3, 1, std::vector<std::uint8_t>(21, 9)), 2);
  EXPECT_EQ(wide.height, 2);
  EXPECT_EQ(wide.width, 4);  // 2 * 7 / 3
  const Image tall = resized_shorter(image(3, 7, 1, std::vector<std::uint8_t>(21, 9)), 2);
  EXPECT_EQ(tall.width, 2);
  EXPECT_EQ(tall.height, 4);
  EXPECT_EQ(tall.pixels, std::vector<std::uint8_t>(8, 9));
}

TEST(Pixels, TheMeanIsTakenOffEachChannel) {
  std::vector<float> out(3);
  write_pixels(image(1, 1, 3, {200, 100, 50}), {.width = 1, .height = 1}, 3, out.data());
  EXPECT_FLOAT_EQ(out[0], 200 - 123.68f);
  EXPECT_FLOAT_EQ(out[1], 100 - 116.779f);
  EXPECT_FLOAT_EQ(out[2], 50 - 103.939f);
}

TEST(Pixels, GreyFillsThreeChannelsAndColourBecomesOne) {
  std::vector<float> three(3), one(1);
  write_pixels(image(1, 1, 1, {200}), {.width = 1, .height = 1}, 3, three.data());
  EXPECT_FLOAT_EQ(three[1], 200 - 116.779f);
  write_pixels(image(1, 1, 3, {200, 100, 50}), {.width = 1, .height = 1}, 1, one.data());
  EXPECT_FLOAT_EQ(one[0], 0.299f * 200 + 0.587f * 100 + 0.114f * 50 - 123.68f);
}

TEST(Pixels, AWindowMayBeMirrored) {
  const Image source = image(3, 2, 1, {1, 2, 3, 4, 5, 6});
  std::vector<float> out(2);
  write_pixels(source, {.left = 1, .top = 1, .width = 2, .height = 1, .mirrored = true}, 1,
               out.data());
  EXPECT_FLOAT_EQ(out[0], 6 - 123.68f);
  EXPECT_FLOAT_EQ(out[1], 5 - 123.68f);
}

}  // namespace
}  // namespace millrace
