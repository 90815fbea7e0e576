#pragma once

#include "codec/image.h"
#include "trainer/vision/random_stream.h"

namespace millrace {

/// What is added to every pixel's hue (of 180), lightness and saturation (of 255).
struct ColorShift {
  int hue = 0;
  int lightness = 0;
  int saturation = 0;
};

/// Hue within 36, saturation and lightness within 50 of where they were; small shifts are the
/// likelier ones. Source: MXNet 1.3.1, image_aug_default.cc, with the ranges of its ImageNet
/// example.
ColorShift draw_color_shift(RandomStream& random);

/// Shifts the colours of an image of three channels, red, green and blue. Each of hue, lightness
/// and saturation is rounded to 8 bits, shifted and clamped (hue too, it does not wrap), as
/// OpenCV's 8-bit HLS images are.
void shift_colors(Image& image, const ColorShift& shift);

}  // namespace millrace
