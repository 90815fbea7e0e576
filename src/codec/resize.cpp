#include "codec/resize.h"

#include <algorithm>
#include <array>

#include "codec/resize_kernel.h"

namespace millrace {
namespace {

constexpr std::int32_t kOne = 1 << kWeightBits;

/// Two neighbours of a target position and the weight of the second.
struct Tap {
  std::int64_t first = 0;
  std::int64_t second = 0;
  std::int32_t weight = 0;  ///< of kOne
};

Tap tap_at(std::int64_t target, std::int64_t from, std::int64_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double position = std::clamp((static_cast<double>(target) + 0.5) * scale - 0.5, 0.0,
                                     static_cast<double>(from - 1));
  const auto first = static_cast<std::int64_t>(position);
  return {
      .first = first,
      .second = std::min(first + 1, from - 1),
      .weight = static_cast<std::int32_t>((position - static_cast<double>(first)) * kOne + 0.5)};
}

ResizeColumns columns_of(const Image& image, std::int64_t width) {
  ResizeColumns columns{.channels = image.channels};
  const std::int64_t row_bytes = image.width * image.channels;
  for (std::int64_t x = 0; x < width; ++x) {
    const Tap tap = tap_at(x, image.width, width);
    columns.left.push_back(static_cast<std::int32_t>(tap.first * image.channels));
    for (int pair = 0; pair < 4; ++pair) {
      columns.weights.push_back(static_cast<std::int16_t>(kOne - tap.weight));
      columns.weights.push_back(static_cast<std::int16_t>(tap.weight));
    }
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
      *out++ = static_cast<std::int16_t>((sum + (1 << (kWeightBits - kRowBits - 1))) >>
                                         (kWeightBits - kRowBits));
    }
  }
}

void mix_rows(const std::int16_t* upper, const std::int16_t* lower, std::int32_t weight,
              std::size_t begin, std::span<std::uint8_t> out) {
  constexpr int kShift = kWeightBits + kRowBits;
  for (std::size_t i = begin; i < out.size(); ++i) {
    const std::int32_t sum = upper[i] * (kOne - weight) + lower[i] * weight;
    out[i] = static_cast<std::uint8_t>((sum + (1 << (kShift - 1))) >> kShift);
  }
}

ResizeKernel portable_resize_kernel() {
  return {.row = [](const std::uint8_t* from, const ResizeColumns& columns,
                    std::int16_t* out) { resize_columns(from, columns, 0, columns.count(), out); },
          .mix = [](const std::int16_t* upper, const std::int16_t* lower, std::int32_t weight,
                    std::span<std::uint8_t> out) { mix_rows(upper, lower, weight, 0, out); }};
}

Image resized_with(const ResizeKernel& kernel, const Image& image, std::int64_t width,
                   std::int64_t height) {
  Image result{.width = width, .height = height, .channels = image.channels, .pixels = {}};
  const auto row_bytes = static_cast<std::size_t>(width * image.channels);
  result.pixels.resize(static_cast<std::size_t>(height) * row_bytes);
  WideRows rows(kernel, image, width);
  for (std::int64_t y = 0; y < height; ++y) {
    const Tap tap = tap_at(y, image.height, height);
    const std::int16_t* upper = rows.row(tap.first);
    kernel.mix(
        upper, rows.row(tap.second), tap.weight,
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
