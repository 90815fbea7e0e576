#pragma once

#include "codec/image.h"
#include "trainer/vision/random_stream.h"
#include "trainer/vision/transform.h"

namespace millrace {

/// How an image is turned, sheared and stretched around its centre: a point (x, y) relative to the
/// centre goes to (a x + b y, c x + d y).
struct Affine {
  double a = 1, b = 0, c = 0, d = 1;
};

/// Up to 10 whole degrees of rotation, 0.1 of shear and a quarter of the aspect ratio. Source:
/// MXNet 1.3.1, image_aug_default.cc, with the ranges of its ImageNet example.
Affine draw_affine(RandomStream& random);

/// The window (its mirroring aside) of the image that `affine` makes of `image` on a canvas of the
/// same size: bilinear, kCanvas where nothing of the image comes to lie.
Image transformed(const Image& image, const Affine& affine, const Window& window);

/// Grey, as in MXNet's ImageNet example.
inline constexpr std::uint8_t kCanvas = 127;

}  // namespace millrace
