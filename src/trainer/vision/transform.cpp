#include "trainer/vision/transform.h"

#include <array>
#include <vector>

#include "core/base/check.h"
#include "trainer/vision/mean_kernel.h"

namespace millrace {
namespace {

float grey_of(const std::uint8_t* pixel, std::int64_t channels) {
  if (channels == 1) return static_cast<float>(pixel[0]);
  return 0.299f * static_cast<float>(pixel[0]) + 0.587f * static_cast<float>(pixel[1]) +
         0.114f * static_cast<float>(pixel[2]);
}

/// The pixels of a row in the other order; `out` has the row's size.
void mirror(const std::uint8_t* row, std::int64_t width, std::int64_t channels, std::uint8_t* out) {
  if (channels == 3) {
    for (std::int64_t x = width - 1; x >= 0; --x, out += 3) {
      out[0] = row[3 * x];
      out[1] = row[3 * x + 1];
      out[2] = row[3 * x + 2];
    }
    return;
  }
  for (std::int64_t x = width - 1; x >= 0; --x) *out++ = row[x];
}

/// One row of as many channels as the network takes.
void write_row(const std::uint8_t* row, std::int64_t width, std::int64_t from, std::int64_t to,
               float* out) {
  static const MeanKernel take_mean_off = best_mean_kernel();
  if (to == 3 && from == 3) return take_mean_off(row, 3 * width, out);
  for (std::int64_t x = 0; x < width; ++x, row += from) {
    if (to == 1) {
      *out++ = grey_of(row, from) - kImageMean[0];
    } else {
      for (const float mean : kImageMean) *out++ = static_cast<float>(row[0]) - mean;
    }
  }
}

}  // namespace

void write_pixels(const Image& image, const Window& window, std::int64_t channels, float* out) {
  MILLRACE_CHECK(window.left >= 0 && window.top >= 0 && window.left + window.width <= image.width &&
                 window.top + window.height <= image.height);
  MILLRACE_CHECK(channels == 1 || channels == 3);
  thread_local std::vector<std::uint8_t> mirrored;
  if (window.mirrored) mirrored.resize(static_cast<std::size_t>(window.width * image.channels));
  for (std::int64_t y = 0; y < window.height; ++y) {
    const std::uint8_t* row =
        image.pixels.data() + ((window.top + y) * image.width + window.left) * image.channels;
    if (window.mirrored) {
      mirror(row, window.width, image.channels, mirrored.data());
      row = mirrored.data();
    }
    write_row(row, window.width, image.channels, channels, out);
    out += window.width * channels;
  }
}

}  // namespace millrace
