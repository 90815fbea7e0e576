#include "trainer/vision/affine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

namespace millrace {
namespace {

/// 8 x 6, rising by 5 from pixel to pixel.
Image ramp() {
  Image image{.width = 8, .height = 6, .channels = 1, .pixels = {}};
  for (int i = 0; i < 48; ++i) image.pixels.push_back(static_cast<std::uint8_t>(i * 5));
  return image;
}

/// Shear 0.1, 7 degrees, aspect ratio 0.9.
constexpr Affine kAffine{.a = 1.0332399060366932,
                         .b = 0.22231420742406993,
                         .c = -0.1154551674364555,
                         .d = 0.9403068805023049};

TEST(Affine, TurnsShearsAndStretchesAsOpenCvDoes) {
  // OpenCV 4.6: warpAffine, INTER_LINEAR (in steps of 1/32 pixel), a constant border of 127.
  const int expected[] = {73,  64,  53,  42,  33,  28,  38,  86,  22,  32,  40,  50,
                          60,  68,  78,  98,  62,  72,  80,  90,  100, 110, 118, 127,
                          102, 112, 122, 130, 140, 150, 158, 168, 143, 152, 162, 170,
                          180, 190, 200, 208, 172, 192, 202, 212, 212, 205, 196, 189};
  const Image found = transformed(ramp(), kAffine, {.width = 8, .height = 6});
  ASSERT_EQ(found.pixels.size(), std::size(expected));
  for (std::size_t i = 0; i < found.pixels.size(); ++i)
    EXPECT_LE(std::abs(static_cast<int>(found.pixels[i]) - expected[i]), 3) << "pixel " << i;
}

TEST(Affine, AWindowIsThatPartOfTheWhole) {
  const Image whole = transformed(ramp(), kAffine, {.width = 8, .height = 6});
  const Image window = transformed(ramp(), kAffine, {.left = 3, .top = 2, .width = 4, .height = 3});
  for (std::int64_t y = 0; y < 3; ++y) {
    for (std::int64_t x = 0; x < 4; ++x) {
      EXPECT_EQ(window.pixels[static_cast<std::size_t>(y * 4 + x)],
                whole.pixels[static_cast<std::size_t>((y + 2) * 8 + x + 3)]);
    }
  }
}

TEST(Affine, NothingIsChangedWithoutATransformation) {
  EXPECT_EQ(transformed(ramp(), {}, {.width = 8, .height = 6}).pixels, ramp().pixels);
}

TEST(Affine, DrawsKeepToTenDegreesAndAQuarter) {
  RandomStream random(5);
  for (int i = 0; i < 1000; ++i) {
    const Affine drawn = draw_affine(random);
    // The second row is the turned and stretched vertical axis, without shear.
    const double width = std::hypot(drawn.c, drawn.d);
    const double degrees = std::atan2(-drawn.c, drawn.d) / M_PI * 180;
    EXPECT_LE(std::abs(degrees), 10.000001);
    EXPECT_NEAR(degrees, std::round(degrees), 1e-6);
    // ratio = width / height, and height = 2 / (1 + ratio): width = 2 ratio / (1 + ratio).
    EXPECT_GE(width, 2 * 0.75 / 1.75);
    EXPECT_LE(width, 2 * 1.25 / 2.25);
  }
}

}  // namespace
}  // namespace millrace
