#include "trainer/vision/color_jitter.h"

#include <algorithm>
#include <cmath>

#include "core/base/check.h"

namespace millrace {
namespace {

constexpr int kHueRange = 36, kSaturationRange = 50, kLightnessRange = 50;
constexpr int kMaxHue = 180, kMaxByte = 255;

/// Two draws, of which the second weighs four fifths: the sum is flat in the middle and falls off
/// towards the ends.
int draw_shift(RandomStream& random, int range) {
  const double first = random.uniform(), second = random.uniform();
  const double u = (first + 4 * second) / 5;
  return static_cast<int>(u * 2 * range - range);
}

struct Hls {
  int hue = 0;         ///< 0 to 180: half degrees
  int lightness = 0;   ///< 0 to 255
  int saturation = 0;  ///< 0 to 255
};

int rounded(float value) {
  return static_cast<int>(std::nearbyint(value));
}

Hls to_hls(const std::uint8_t* pixel) {
  const float red = static_cast<float>(pixel[0]) / kMaxByte;
  const float green = static_cast<float>(pixel[1]) / kMaxByte;
  const float blue = static_cast<float>(pixel[2]) / kMaxByte;
  const auto [least, most] = std::minmax({red, green, blue});
  const float sum = most + least, spread = most - least;
  Hls hls{.lightness = rounded(sum / 2 * kMaxByte)};
  if (spread <= 0) return hls;
  hls.saturation = rounded(spread / (sum < 1 ? sum : 2 - sum) * kMaxByte);
  // In sixths of the circle, beginning at red.
  float hue = 0;
  if (most == red) {
    hue = (green - blue) / spread;
  } else if (most == green) {
    hue = 2 + (blue - red) / spread;
  } else {
    hue = 4 + (red - green) / spread;
  }
  if (hue < 0) hue += 6;
  hls.hue = rounded(hue * (kMaxHue / 6.0f));
  return hls;
}

void to_rgb(const Hls& hls, std::uint8_t* pixel) {
  const float lightness = static_cast<float>(hls.lightness) / kMaxByte;
  const float saturation = static_cast<float>(hls.saturation) / kMaxByte;
  const float high = lightness <= 0.5f ? lightness * (1 + saturation)
                                       : lightness + saturation - lightness * saturation;
  const float low = 2 * lightness - high;
  const float hue = static_cast<float>(hls.hue) * (6.0f / kMaxHue);
  // A channel is high for two sixths of the circle, low for two, and on its way for one on each
  // side; red is highest at 0, green at 2 sixths, blue at 4.
  const auto channel = [&](float centre) {
    float distance = std::fabs(hue - centre);
    distance = std::min(distance, 6 - distance);
    const float share = std::clamp(2 - distance, 0.0f, 1.0f);
    const int value = rounded((low + (high - low) * share) * kMaxByte);
    return static_cast<std::uint8_t>(std::clamp(value, 0, kMaxByte));
  };
  pixel[0] = channel(0);
  pixel[1] = channel(2);
  pixel[2] = channel(4);
}

}  // namespace

ColorShift draw_color_shift(RandomStream& random) {
  ColorShift shift;
  shift.hue = draw_shift(random, kHueRange);
  shift.saturation = draw_shift(random, kSaturationRange);
  shift.lightness = draw_shift(random, kLightnessRange);
  return shift;
}

void shift_colors(Image& image, const ColorShift& shift) {
  MILLRACE_CHECK(image.channels == 3);
  for (std::size_t at = 0; at < image.pixels.size(); at += 3) {
    std::uint8_t* const pixel = image.pixels.data() + at;
    Hls hls = to_hls(pixel);
    hls.hue = std::clamp(hls.hue + shift.hue, 0, kMaxHue);
    hls.lightness = std::clamp(hls.lightness + shift.lightness, 0, kMaxByte);
    hls.saturation = std::clamp(hls.saturation + shift.saturation, 0, kMaxByte);
    to_rgb(hls, pixel);
  }
}

}  // namespace millrace
