#include "codec/resize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "codec/resize_kernel.h"

namespace millrace {
namespace {

Image image(std::int64_t width, std::int64_t height, std::int64_t channels,
            std::vector<std::uint8_t> pixels) {
  return {.width = width, .height = height, .channels = channels, .pixels = std::move(pixels)};
}

Image noise(std::int64_t width, std::int64_t height, std::int64_t channels) {
  std::mt19937 random(static_cast<unsigned>(width * 1000 + height * 10 + channels));
  Image result = image(width, height, channels, {});
  for (std::int64_t i = 0; i < width * height * channels; ++i)
    result.pixels.push_back(static_cast<std::uint8_t>(random()));
  return result;
}

/// The definition, in double, without rounding.
double exact(const Image& from, std::int64_t width, std::int64_t height, std::int64_t x,
             std::int64_t y, std::int64_t channel) {
  const auto place = [](std::int64_t target, std::int64_t before, std::int64_t after) {
    const double scale = static_cast<double>(before) / static_cast<double>(after);
    return std::clamp((static_cast<double>(target) + 0.5) * scale - 0.5, 0.0,
                      static_cast<double>(before - 1));
  };
  const double column = place(x, from.width, width), row = place(y, from.height, height);
  const auto at = [&](double cx, double cy) {
    const std::int64_t px = std::min(static_cast<std::int64_t>(cx), from.width - 1);
    const std::int64_t py = std::min(static_cast<std::int64_t>(cy), from.height - 1);
    return static_cast<double>(
        from.pixels[static_cast<std::size_t>((py * from.width + px) * from.channels + channel)]);
  };
  const double left = std::floor(column), top = std::floor(row);
  const double u = column - left, v = row - top;
  return (at(left, top) * (1 - u) + at(left + 1, top) * u) * (1 - v) +
         (at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u) * v;
}

struct Sizes {
  std::int64_t width, height, to_width, to_height;
};
/// Down, up, both, by whole factors, to and from single pixels, and with every remainder of a
/// register.
const Sizes kSizes[] = {{50, 37, 34, 25},  {25, 18, 36, 26}, {16, 64, 33, 31}, {64, 32, 32, 16},
                        {1, 1, 5, 3},      {2, 2, 1, 1},     {1, 9, 4, 4},     {40, 3, 1, 2},
                        {100, 5, 97, 5},   {13, 7, 14, 6},   {3, 3, 15, 15},   {500, 4, 341, 3},
                        {31, 17, 301, 16}, {7, 7, 64, 64},   {8, 8, 11, 9}};

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

TEST(Resize, EveryValueIsNearTheExactOne) {
  for (const std::int64_t channels : {1, 3}) {
    for (const Sizes& size : kSizes) {
      const Image from = noise(size.width, size.height, channels);
      const Image to = resized(from, size.to_width, size.to_height);
      ASSERT_EQ(to.pixels.size(),
                static_cast<std::size_t>(size.to_width * size.to_height * channels));
      for (std::int64_t y = 0; y < to.height; ++y) {
        for (std::int64_t x = 0; x < to.width; ++x) {
          for (std::int64_t c = 0; c < channels; ++c) {
            const double got =
                to.pixels[static_cast<std::size_t>((y * to.width + x) * channels + c)];
            ASSERT_NEAR(got, exact(from, to.width, to.height, x, y, c), 1.2)
                << size.width << "x" << size.height << " to " << to.width << "x" << to.height
                << " at " << x << ", " << y << ", " << c;
          }
        }
      }
    }
  }
}

TEST(Resize, EveryProcessorGivesTheSameBits) {
  for (const std::int64_t channels : {1, 3}) {
    for (const Sizes& size : kSizes) {
      const Image from = noise(size.width, size.height, channels);
      EXPECT_EQ(resized(from, size.to_width, size.to_height).pixels,
                resized_with(portable_resize_kernel(), from, size.to_width, size.to_height).pixels)
          << size.width << "x" << size.height << "x" << channels;
    }
  }
}

TEST(Resize, OneValueStaysThatValue) {
  for (int value = 0; value < 256; ++value) {
    const auto byte = static_cast<std::uint8_t>(value);
    const Image to = resized(image(9, 5, 3, std::vector<std::uint8_t>(135, byte)), 17, 13);
    EXPECT_EQ(to.pixels, std::vector<std::uint8_t>(3 * 17 * 13, byte));
  }
}

/// cv2.resize of OpenCV 4.6.0, INTER_LINEAR, of (7 x + 13 y + 5 x y + 40 c) mod 256, 6 x 4 to 4 x 3
/// and to 9 x 2.
TEST(Resize, HasTheBitsOfOpenCvsLinearInterpolation) {
  Image from = image(6, 4, 3, {});
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 6; ++x)
      for (int c = 0; c < 3; ++c)
        from.pixels.push_back(static_cast<std::uint8_t>(7 * x + 13 * y + 5 * x * y + 40 * c));
  }
  EXPECT_EQ(resized(from, 4, 3).pixels,
            (std::vector<std::uint8_t>{4,  44, 84,  16, 56,  96,  27,  68,  107, 39,  79,  119,
                                       23, 63, 103, 45, 85,  125, 67,  107, 147, 88,  128, 168,
                                       42, 82, 122, 74, 114, 154, 106, 145, 186, 137, 177, 217}));
  EXPECT_EQ(
      resized(from, 9, 2).pixels,
      (std::vector<std::uint8_t>{
          7,  47,  87,  11, 51,  91,  17, 57,  97,  24,  64,  104, 30,  70,  110, 36,  76,  116,
          43, 83,  123, 49, 89,  129, 54, 94,  134, 33,  73,  113, 42,  82,  122, 55,  95,  135,
          68, 108, 148, 81, 121, 161, 94, 134, 174, 107, 147, 187, 120, 160, 200, 130, 170, 210}));
}

/// The same of larger images, told by FNV-1a of the bytes.
TEST(Resize, HasTheBitsOfOpenCvInEverySize) {
  struct Case {
    std::int64_t width, height, channels, to_width, to_height;
    std::uint64_t hash;
  };
  for (const Case& expected :
       std::initializer_list<Case>{{97, 61, 3, 341, 256, 0xc9a9efcd5a6d2c72U},
                                   {97, 61, 3, 53, 31, 0xb439b5fab4bb0fecU},
                                   {97, 61, 1, 53, 31, 0x1cd9e0d0ee4910dcU},
                                   {120, 90, 3, 60, 45, 0x6d0ca29450f21bd9U},
                                   {500, 375, 3, 341, 256, 0x35210513e42e2abdU},
                                   {33, 200, 3, 32, 193, 0x7d7cc0295c9c9111U},
                                   {5, 4, 3, 200, 160, 0xde665be9bb13e6d1U}}) {
    Image from = image(expected.width, expected.height, expected.channels, {});
    for (std::int64_t y = 0; y < expected.height; ++y) {
      for (std::int64_t x = 0; x < expected.width; ++x)
        for (std::int64_t c = 0; c < expected.channels; ++c)
          from.pixels.push_back(static_cast<std::uint8_t>(7 * x + 13 * y + 5 * x * y + 40 * c));
    }
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const std::uint8_t value : resized(from, expected.to_width, expected.to_height).pixels)
      hash = (hash ^ value) * 0x100000001b3U;
    EXPECT_EQ(hash, expected.hash)
        << expected.width << "x" << expected.height << "x" << expected.channels << " to "
        << expected.to_width << "x" << expected.to_height;
  }
}

}  // namespace
}  // namespace millrace
