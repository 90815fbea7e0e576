#pragma once

#include <cstdint>

#include "codec/image.h"
#include "codec/resize.h"  // what comes before, and is not of training alone

namespace millrace {

/// A window of the network's size inside an image, perhaps mirrored left to right.
struct Window {
  std::int64_t left = 0;
  std::int64_t top = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool mirrored = false;
};

/// Writes the window as float [height, width, channels] with the mean of ImageNet taken off each
/// channel (123.68, 116.779, 103.939 for red, green, blue; 123.68 for grey). A grey image fills
/// three channels alike; a colour image becomes one channel by 0.299 R + 0.587 G + 0.114 B. The
/// window must lie inside the image.
void write_pixels(const Image& image, const Window& window, std::int64_t channels, float* out);

}  // namespace millrace
