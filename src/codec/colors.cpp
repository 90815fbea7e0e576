#include "codec/colors.h"

namespace millrace {

Image in_color(Image image) {
  if (image.channels == 3) return image;
  Image result{.width = image.width, .height = image.height, .channels = 3, .pixels = {}};
  result.pixels.resize(3 * image.pixels.size());
  std::uint8_t* out = result.pixels.data();
  for (const std::uint8_t grey : image.pixels)
    for (int channel = 0; channel < 3; ++channel) *out++ = grey;
  return result;
}

Image in_grey(Image image) {
  if (image.channels == 1) return image;
  Image result{.width = image.width, .height = image.height, .channels = 1, .pixels = {}};
  result.pixels.resize(image.pixels.size() / 3);
  const std::uint8_t* pixel = image.pixels.data();
  for (std::uint8_t& grey : result.pixels) {
    // The weights in 65,536ths.
    grey = static_cast<std::uint8_t>(
        (pixel[0] * 19595 + pixel[1] * 38470 + pixel[2] * 7471 + 32768) >> 16);
    pixel += 3;
  }
  return result;
}

}  // namespace millrace
