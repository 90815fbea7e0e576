#include "trainer/vision/color_jitter.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <cstdlib>
#include <vector>

namespace millrace {
namespace {

const std::vector<std::uint8_t> kPixels{200, 100, 50,  10,  20,  30,  255, 0,   0,   0,   255,
                                        0,   0,   0,   255, 128, 128, 128, 255, 255, 255, 0,
                                        0,   0,   250, 240, 5,   33,  200, 199, 90,  0,   91};

std::vector<std::uint8_t> shifted(const ColorShift& shift) {
  Image image{.width = static_cast<std::int64_t>(kPixels.size() / 3),
              .height = 1,
              .channels = 3,
              .pixels = kPixels};
  shift_colors(image, shift);
  return image.pixels;
}

/// Expected values: OpenCV 4.6, cvtColor to HLS and back with the shifts added in between; halves
/// are rounded in either direction there, which is a step of lightness, or two of a colour.
void expect_near(const std::vector<std::uint8_t>& found, const std::vector<int>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_LE(std::abs(static_cast<int>(found[i]) - expected[i]), 2) << "value " << i;
}

TEST(ColorShift, NoShiftChangesLittleMoreThanRoundingDoes) {
  expect_near(shifted({}),
              {200, 100, 50,  10,  20, 30, 255, 1,   1,   1, 255, 1,   1,   1,  255, 128, 128,
               128, 255, 255, 255, 0,  0,  0,   250, 242, 6, 33,  201, 201, 92, 0,   92});
}

TEST(ColorShift, HueLightnessAndSaturationMoveAsInOpenCv) {
  expect_near(shifted({.hue = 20, .lightness = 10, .saturation = -30}),
              {193, 193, 77,  22,  18, 42, 241, 172, 35,  35, 241, 172, 172, 35,  241, 138, 138,
               138, 255, 255, 255, 10, 10, 10,  112, 237, 39, 51,  102, 203, 105, 7,   40});
  expect_near(shifted({.hue = 36, .lightness = 50, .saturation = -50}),
              {173, 207, 143, 79,  49, 91, 215, 240, 116, 116, 215, 240, 240, 116, 215, 178, 178,
               178, 255, 255, 255, 50, 50, 50,  119, 237, 139, 139, 121, 213, 173, 19,  19});
}

TEST(ColorShift, HueStopsAtRedInsteadOfGoingRound) {
  expect_near(shifted({.hue = -36, .lightness = -50, .saturation = 50}),
              {135, 15,  15,  0,   0, 0, 156, 0,   0, 156, 125, 0,   0, 156, 125, 93, 63,
               63,  215, 195, 195, 0, 0, 0,   156, 0, 0,   30,  128, 6, 0,   0,   0});
}

TEST(ColorShift, DrawsStayInTheirRangesAndFavourTheMiddle) {
  RandomStream random(3);
  constexpr int kDraws = 4000;
  int hues_in_the_inner_half = 0, largest_hue = 0, largest_saturation = 0, largest_lightness = 0;
  for (int i = 0; i < kDraws; ++i) {
    const ColorShift shift = draw_color_shift(random);
    hues_in_the_inner_half += std::abs(shift.hue) <= 18 ? 1 : 0;
    largest_hue = std::max(largest_hue, std::abs(shift.hue));
    largest_saturation = std::max(largest_saturation, std::abs(shift.saturation));
    largest_lightness = std::max(largest_lightness, std::abs(shift.lightness));
  }
  EXPECT_GT(hues_in_the_inner_half, kDraws / 2);
  EXPECT_TRUE(largest_hue > 30 && largest_hue <= 36) << largest_hue;
  EXPECT_TRUE(largest_saturation > 42 && largest_saturation <= 50) << largest_saturation;
  EXPECT_TRUE(largest_lightness > 42 && largest_lightness <= 50) << largest_lightness;
}

}  // namespace
}  // namespace millrace
