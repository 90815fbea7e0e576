#include "codec/resize.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "codec/resize_kernel.h"

namespace millrace {
namespace {

/// A target position as OpenCV finds it: the neighbour before it and, in float, how far behind that
/// it lies.
struct Position {
  std::int64_t before = 0;
  float behind = 0;
};

Position position_of(std::int64_t target, std::int64_t from, std::int64_t to) {
  const double scale = 1.0 / (static_cast<double>(to) / static_cast<double>(from));
  const auto place = static_cast<float>((static_cast<double>(target) + 0.5) * scale - 0.5);
  const float before = std::floor(place);
  return {.before = static_cast<std::int64_t>(before), .behind = place - before};
}

/// Rounded to the nearest, and to even between two.
std::int32_t weight_of(float share) {
  return static_cast<std::int32_t>(std::lrint(share * static_cast<float>(kWholeWeight)));
}

ResizeColumns columns_of(const Image& image, std::int64_t width) {
  ResizeColumns columns{.channels = image.channels};
  const std::int64_t row_bytes = image.width * image.channels;
  columns.left.reserve(static_cast<std::size_t>(width));
  columns.weights.reserve(static_cast<std::size_t>(width) * 8);
  for (std::int64_t x = 0; x < width; ++x) {
    Position position = position_of(x, image.width, width);
    if (position.before < 0 || position.before >= image.width - 1) {
      position = {.before = position.before < 0 ? 0 : image.width - 1, .behind = 0};
    }
    columns.left.push_back(static_cast<std::int32_t>(position.before * image.channels));
    const auto left = static_cast<std::int16_t>(weight_of(1 - position.behind));
    const auto right = static_cast<std::int16_t>(weight_of(position.behind));
    for (int pair = 0; pair < 4; ++pair)
      columns.weights.insert(columns.weights.end(), {left, right});
    columns.wide += columns.left.back() + 8 <= row_bytes;
  }
  return columns;
}

/// The rows of an image in the new width, each made once although two rows of the result need it.
class WideRows {
 public:
  WideRows(const ResizeKernel& kernel, const Image& image, std::int64_t width)
      : kernel_(kernel), image_(image), columns_(columns_of(image, width)) {
    for (auto& row : rows_) row.resize(columns_.values() + kRowSlack);
  }

  const std::int16_t* row(std::int64_t y) {
    const auto slot = static_cast<std::size_t>(y % 2);  // neighbours have a slot each
    if (held_[slot] != y) {
      kernel_.row(image_.pixels.data() + y * image_.width * image_.channels, columns_,
                  rows_[slot].data());
      held_[slot] = y;
    }
    return rows_[slot].data();
  }

 private:
  const ResizeKernel& kernel_;
  const Image& image_;
  ResizeColumns columns_;
  std::array<std::vector<std::int16_t>, 2> rows_;
  std::array<std::int64_t, 2> held_{-1, -1};
};

}  // namespace

void resize_columns(const std::uint8_t* from, const ResizeColumns& columns, std::int64_t begin,
                    std::int64_t end, std::int16_t* out) {
  out += begin * columns.channels;
  for (std::int64_t x = begin; x < end; ++x) {
    const auto at = static_cast<std::size_t>(x);
    const std::uint8_t* left = from + columns.left[at];
    const std::int32_t left_weight = columns.weights[8 * at];
    const std::int32_t right_weight = columns.weights[8 * at + 1];
    const std::uint8_t* right = right_weight == 0 ? left : left + columns.channels;
    for (std::int64_t c = 0; c < columns.channels; ++c) {
      const std::int32_t sum = left[c] * left_weight + right[c] * right_weight;
      *out++ = static_cast<std::int16_t>(sum >> (kWeightBits - kRowBits));
    }
  }
}

void mix_rows(const WeightedRow& upper, const WeightedRow& lower, std::size_t begin,
              std::span<std::uint8_t> out) {
  constexpr int kCut = kRowBits + kWeightBits - kMixedBits;
  constexpr std::int32_t kHalf = 1 << (kMixedBits - 1);
  for (std::size_t i = begin; i < out.size(); ++i) {
    const std::int32_t above = (upper.values[i] * upper.weight) >> kCut;
    const std::int32_t below = (lower.values[i] * lower.weight) >> kCut;
    out[i] = static_cast<std::uint8_t>((above + below + kHalf) >> kMixedBits);
  }
}

ResizeKernel portable_resize_kernel() {
  return {.row = [](const std::uint8_t* from, const ResizeColumns& columns,
                    std::int16_t* out) { resize_columns(from, columns, 0, columns.count(), out); },
          .mix = [](const WeightedRow& upper, const WeightedRow& lower,
                    std::span<std::uint8_t> out) { mix_rows(upper, lower, 0, out); }};
}

Image resized_with(const ResizeKernel& kernel, const Image& image, std::int64_t width,
                   std::int64_t height) {
  Image result{.width = width, .height = height, .channels = image.channels, .pixels = {}};
  const auto row_bytes = static_cast<std::size_t>(width * image.channels);
  result.pixels.resize(static_cast<std::size_t>(height) * row_bytes);
  WideRows rows(kernel, image, width);
  for (std::int64_t y = 0; y < height; ++y) {
    const Position position = position_of(y, image.height, height);
    const auto inside = [&](std::int64_t row) {
      return std::clamp<std::int64_t>(row, 0, image.height - 1);
    };
    const WeightedRow upper{.values = rows.row(inside(position.before)),
                            .weight = weight_of(1 - position.behind)};
    const WeightedRow lower{.values = rows.row(inside(position.before + 1)),
                            .weight = weight_of(position.behind)};
    kernel.mix(
        upper, lower,
        std::span(result.pixels).subspan(static_cast<std::size_t>(y) * row_bytes, row_bytes));
  }
  return result;
}

Image resized(const Image& image, std::int64_t width, std::int64_t height) {
  if (image.width == width && image.height == height) return image;
  static const ResizeKernel kernel = best_resize_kernel();
  return resized_with(kernel, image, width, height);
}

Image resized_shorter(const Image& image, std::int64_t edge) {
  if (image.width < image.height) return resized(image, edge, edge * image.height / image.width);
  return resized(image, edge * image.width / image.height, edge);
}

}  // namespace millrace
