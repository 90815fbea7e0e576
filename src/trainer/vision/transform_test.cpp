#include "trainer/vision/transform.h"

#include <gtest/gtest.h>

#include "trainer/vision/mean_kernel.h"

namespace millrace {
namespace {

Image image(std::int64_t width, std::int64_t height, std::int64_t channels,
            std::vector<std::uint8_t> pixels) {
  return {.width = width, .height = height, .channels = channels, .pixels = std::move(pixels)};
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

TEST(Pixels, EveryWidthAndProcessorGivesTheSameBits) {
  // One to three registers of pixels, and what is left behind them.
  for (std::int64_t width = 1; width <= 27; ++width) {
    Image source = image(width, 1, 3, {});
    for (std::int64_t i = 0; i < 3 * width; ++i)
      source.pixels.push_back(static_cast<std::uint8_t>(i * 37 + 11));
    const auto count = static_cast<std::size_t>(3 * width);
    std::vector<float> expected(count), best(count), mirrored(count);
    portable_mean_kernel()(source.pixels.data(), 3 * width, expected.data());
    write_pixels(source, {.width = width, .height = 1}, 3, best.data());
    write_pixels(source, {.width = width, .height = 1, .mirrored = true}, 3, mirrored.data());
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(expected[i], static_cast<float>(source.pixels[i]) - kImageMean[i % 3]);
      ASSERT_EQ(best[i], expected[i]) << "width " << width;
      ASSERT_EQ(mirrored[i], expected[3 * (static_cast<std::size_t>(width) - 1 - i / 3) + i % 3]);
    }
  }
}

}  // namespace
}  // namespace millrace
