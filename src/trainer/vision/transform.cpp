#include "trainer/vision/transform.h"

#include <algorithm>
#include <vector>

#include "core/base/check.h"

namespace millrace {
namespace {

constexpr float kMean[] = {123.68f, 116.779f, 103.939f};

/// Two neighbours of a target position and the weight of the second.
struct Tap {
  std::int64_t first = 0;
  std::int64_t second = 0;
  float weight = 0;
};

std::vector<Tap> taps(std::int64_t from, std::int64_t to) {
  std::vector<Tap> all(static_cast<std::size_t>(to));
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  for (std::int64_t i = 0; i < to; ++i) {
    const double position = std::clamp((static_cast<double>(i) + 0.5) * scale - 0.5, 0.0,
                                       static_cast<double>(from - 1));
    const auto first = static_cast<std::int64_t>(position);
    all[static_cast<std::size_t>(i)] = {
        .first = first,
        .second = std::min(first + 1, from - 1),
        .weight = static_cast<float>(position - static_cast<double>(first))};
  }
  return all;
}

}  // namespace

Image resized(const Image& image, std::int64_t width, std::int64_t height) {
  if (image.width == width && image.height == height) return image;
  Image result{.width = width, .height = height, .channels = image.channels, .pixels = {}};
  result.pixels.resize(static_cast<std::size_t>(width * height * image.channels));
  const std::vector<Tap> columns = taps(image.width, width), rows = taps(image.height, height);
  std::uint8_t* out = result.pixels.data();
  for (const Tap& row : rows) {
    const std::uint8_t* upper = image.pixels.data() + row.first * image.width * image.channels;
    const std::uint8_t* lower = image.pixels.data() + row.second * image.width * image.channels;
    for (const Tap& column : columns) {
      for (std::int64_t c = 0; c < image.channels; ++c) {
        const std::int64_t left = column.first * image.channels + c,
                           right = column.second * image.channels + c;
        const float above = static_cast<float>(upper[left]) +
                            column.weight * static_cast<float>(upper[right] - upper[left]);
        const float below = static_cast<float>(lower[left]) +
                            column.weight * static_cast<float>(lower[right] - lower[left]);
        *out++ = static_cast<std::uint8_t>(above + row.weight * (below - above) + 0.5f);
      }
    }
  }
  return result;
}

Image resized_shorter(const Image& image, std::int64_t edge) {
  if (image.width < image.height) return resized(image, edge, edge * image.height / image.width);
  return resized(image, edge * image.width / image.height, edge);
}

void write_pixels(const Image& image, const Window& window, std::int64_t channels, float* out) {
  MILLRACE_CHECK(window.left >= 0 && window.top >= 0 && window.left + window.width <= image.width &&
                 window.top + window.height <= image.height);
  const std::int64_t step = window.mirrored ? -1 : 1;
  for (std::int64_t y = 0; y < window.height; ++y) {
    const std::int64_t begin = window.left + (window.mirrored ? window.width - 1 : 0);
    const std::uint8_t* pixel =
        image.pixels.data() + ((window.top + y) * image.width + begin) * image.channels;
    for (std::int64_t x = 0; x < window.width; ++x, pixel += step * image.channels) {
      if (channels == 1) {
        const float grey = image.channels == 1 ? static_cast<float>(pixel[0])
                                               : 0.299f * static_cast<float>(pixel[0]) +
                                                     0.587f * static_cast<float>(pixel[1]) +
                                                     0.114f * static_cast<float>(pixel[2]);
        *out++ = grey - kMean[0];
        continue;
      }
      for (std::int64_t c = 0; c < channels; ++c) {
        *out++ = static_cast<float>(pixel[image.channels == 1 ? 0 : c]) - kMean[c];
      }
    }
  }
}

}  // namespace millrace
