#include "codec/colors.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(Colors, GreyFillsThreeChannels) {
  const Image color = in_color({.width = 2, .height = 1, .channels = 1, .pixels = {7, 200}});
  EXPECT_EQ(color.channels, 3);
  EXPECT_EQ(color.pixels, (std::vector<std::uint8_t>{7, 7, 7, 200, 200, 200}));
  EXPECT_EQ(in_color(color).pixels, color.pixels);
}

TEST(Colors, BrightnessIsThatOfBt601) {
  const Image grey = in_grey({.width = 5,
                              .height = 1,
                              .channels = 3,
                              .pixels = {255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255}});
  EXPECT_EQ(grey.channels, 1);
  // 0.299 * 255 = 76.2, 0.587 * 255 = 149.7, 0.114 * 255 = 29.1
  EXPECT_EQ(grey.pixels, (std::vector<std::uint8_t>{255, 0, 76, 150, 29}));
  EXPECT_EQ(in_grey(grey).pixels, grey.pixels);
}

}  // namespace
}  // namespace millrace
