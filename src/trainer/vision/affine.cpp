#include "trainer/vision/affine.h"

#include <cmath>
#include <numbers>

namespace millrace {
namespace {

constexpr double kShear = 0.1, kAspectRatio = 0.25;
constexpr std::int64_t kDegrees = 10;

}  // namespace

Affine draw_affine(RandomStream& random) {
  const double shear = random.uniform() * 2 * kShear - kShear;
  const double angle =
      static_cast<double>(random.below(2 * kDegrees + 1) - kDegrees) / 180 * std::numbers::pi;
  const double ratio = 1 + random.uniform() * 2 * kAspectRatio - kAspectRatio;
  const double height = 2 / (1 + ratio), width = ratio * height;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  return {.a = height * cosine - shear * sine * width,
          .b = height * sine + shear * cosine * width,
          .c = -sine * width,
          .d = cosine * width};
}

Image transformed(const Image& image, const Affine& affine, const Window& window) {
  // From a place on the canvas back to one in the image. The centre of both is half their size, as
  // OpenCV's callers count it, with pixels at whole numbers.
  const double area = affine.a * affine.d - affine.b * affine.c;
  const double ia = affine.d / area, ib = -affine.b / area;
  const double ic = -affine.c / area, id = affine.a / area;
  const double centre_x = static_cast<double>(image.width) / 2;
  const double centre_y = static_cast<double>(image.height) / 2;
  Image result{
      .width = window.width, .height = window.height, .channels = image.channels, .pixels = {}};
  result.pixels.resize(static_cast<std::size_t>(window.width * window.height * image.channels));
  const auto value = [&](std::int64_t x, std::int64_t y, std::int64_t channel) {
    if (x < 0 || y < 0 || x >= image.width || y >= image.height)
      return static_cast<double>(kCanvas);
    return static_cast<double>(
        image.pixels[static_cast<std::size_t>((y * image.width + x) * image.channels + channel)]);
  };
  std::uint8_t* out = result.pixels.data();
  for (std::int64_t row = 0; row < window.height; ++row) {
    const double dy = static_cast<double>(window.top + row) - centre_y;
    for (std::int64_t column = 0; column < window.width; ++column) {
      const double dx = static_cast<double>(window.left + column) - centre_x;
      const double x = ia * dx + ib * dy + centre_x, y = ic * dx + id * dy + centre_y;
      const double left = std::floor(x), top = std::floor(y);
      const double right_share = x - left, lower_share = y - top;
      const auto x0 = static_cast<std::int64_t>(left), y0 = static_cast<std::int64_t>(top);
      for (std::int64_t channel = 0; channel < image.channels; ++channel) {
        const double upper =
            value(x0, y0, channel) * (1 - right_share) + value(x0 + 1, y0, channel) * right_share;
        const double lower = value(x0, y0 + 1, channel) * (1 - right_share) +
                             value(x0 + 1, y0 + 1, channel) * right_share;
        *out++ = static_cast<std::uint8_t>(upper * (1 - lower_share) + lower * lower_share + 0.5);
      }
    }
  }
  return result;
}

}  // namespace millrace
