#include "codec/shrink.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "codec/exif.h"
#include "codec/image_formats.h"
#include "codec/image_header.h"

namespace millrace {
namespace {

/// What part of each source pixel from `begin` on falls to one target pixel.
struct Cover {
  std::int64_t begin = 0;
  std::vector<double> weights;
};

std::vector<Cover> covers(std::int64_t source, std::int64_t target) {
  const double step = static_cast<double>(source) / static_cast<double>(target);
  std::vector<Cover> result;
  for (std::int64_t i = 0; i < target; ++i) {
    const double from = static_cast<double>(i) * step, to = from + step;
    Cover cover{.begin = static_cast<std::int64_t>(from)};
    for (std::int64_t at = cover.begin; at < source && static_cast<double>(at) < to; ++at) {
      const double left = std::max(from, static_cast<double>(at));
      const double right = std::min(to, static_cast<double>(at + 1));
      cover.weights.push_back((right - left) / step);
    }
    result.push_back(std::move(cover));
  }
  return result;
}

}  // namespace

Image shrink(const Image& image, std::int64_t edge) {
  const std::int64_t longest = std::max(image.width, image.height);
  if (longest <= edge) return image;
  const auto scaled = [&](std::int64_t length) {
    return std::max<std::int64_t>(1, (length * edge + longest / 2) / longest);
  };
  Image small{.width = scaled(image.width),
              .height = scaled(image.height),
              .channels = image.channels,
              .pixels = {}};
  const std::vector<Cover> columns = covers(image.width, small.width);
  const std::vector<Cover> rows = covers(image.height, small.height);
  const auto channels = static_cast<std::size_t>(image.channels);
  const std::size_t stride = static_cast<std::size_t>(image.width) * channels;
  std::vector<double> line(stride);
  for (const Cover& row : rows) {
    std::fill(line.begin(), line.end(), 0.0);
    for (std::size_t y = 0; y < row.weights.size(); ++y) {
      const std::uint8_t* from =
          image.pixels.data() + (static_cast<std::size_t>(row.begin) + y) * stride;
      for (std::size_t x = 0; x < stride; ++x) line[x] += row.weights[y] * from[x];
    }
    for (const Cover& column : columns) {
      for (std::size_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (std::size_t x = 0; x < column.weights.size(); ++x) {
          sum +=
              column.weights[x] * line[(static_cast<std::size_t>(column.begin) + x) * channels + c];
        }
        small.pixels.push_back(static_cast<std::uint8_t>(std::lround(std::clamp(sum, 0.0, 255.0))));
      }
    }
  }
  return small;
}

Image decode_shrunk(std::string_view bytes, std::int64_t edge, std::string_view origin) {
  if (image_format_of(bytes) != ImageFormat::Jpeg) return shrink(decode_image(bytes, origin), edge);
  return shrink(oriented(decode_jpeg_near(bytes, edge, origin), exif_orientation(bytes)), edge);
}

}  // namespace millrace
