#include "trainer/report/thumbnail.h"

#include <algorithm>

#include "trainer/vision/transform.h"

namespace millrace {
namespace {

/// Each pixel the mean of a block of `factor` by `factor`; what is left over at the right and at
/// the bottom is cut off.
Image block_means(const Image& image, std::int64_t factor) {
  Image small{.width = std::max<std::int64_t>(1, image.width / factor),
              .height = std::max<std::int64_t>(1, image.height / factor),
              .channels = image.channels,
              .pixels = {}};
  small.pixels.reserve(static_cast<std::size_t>(small.width * small.height * small.channels));
  // A line of pixels is narrower than a block.
  const std::int64_t block_width = std::min(factor, image.width),
                     block_height = std::min(factor, image.height);
  const std::int64_t area = block_width * block_height;
  for (std::int64_t y = 0; y < small.height; ++y) {
    for (std::int64_t x = 0; x < small.width; ++x) {
      for (std::int64_t c = 0; c < image.channels; ++c) {
        std::int64_t sum = area / 2;  // rounds
        for (std::int64_t dy = 0; dy < block_height; ++dy) {
          const std::uint8_t* row =
              image.pixels.data() + ((y * factor + dy) * image.width + x * factor) * image.channels;
          for (std::int64_t dx = 0; dx < block_width; ++dx) sum += row[dx * image.channels + c];
        }
        small.pixels.push_back(static_cast<std::uint8_t>(sum / area));
      }
    }
  }
  return small;
}

}  // namespace

Image thumbnail(const Image& image, std::int64_t edge) {
  const std::int64_t longer = std::max(image.width, image.height);
  if (longer == edge) return image;
  const std::int64_t width = std::max<std::int64_t>(1, image.width * edge / longer),
                     height = std::max<std::int64_t>(1, image.height * edge / longer);
  const std::int64_t factor = longer / edge;
  return factor < 2 ? resized(image, width, height)
                    : resized(block_means(image, factor), width, height);
}

}  // namespace millrace
