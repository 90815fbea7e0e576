#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/image.h"

namespace millrace {

// OpenCV's arithmetic (modules/imgproc/src/resize.cpp, INTER_LINEAR of 8 bits), bit by bit: weights
// of 11 bits; a row in the new width keeps 7 bits below the point and drops the rest; each of two
// rows is weighted, cut to 2 bits below the point, and their sum rounded.

inline constexpr int kWeightBits = 11;
inline constexpr std::int32_t kWholeWeight = 1 << kWeightBits;
inline constexpr int kRowBits = 7;
inline constexpr int kMixedBits = 2;

/// Where the columns of a resized row come from.
struct ResizeColumns {
  std::int64_t channels = 0;
  std::vector<std::int32_t> left;  ///< the left neighbour's first byte in a row; the right one
                                   ///< follows it, or is nowhere in the last column
  /// Of the left and the right neighbour, four times over: a register of pairs for each column.
  std::vector<std::int16_t> weights;
  /// So many columns, from the first, may read eight bytes from `left` on without leaving the row.
  std::int64_t wide = 0;

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(left.size()); }
  [[nodiscard]] std::size_t values() const {
    return left.size() * static_cast<std::size_t>(channels);
  }
};

/// How many values a kernel may write behind a row's end.
inline constexpr std::size_t kRowSlack = 8;

/// A row in the new width and its part of the mixture, of kWholeWeight.
struct WeightedRow {
  const std::int16_t* values = nullptr;
  std::int32_t weight = 0;
};

/// The two passes of a bilinear resize, for one kind of processor.
struct ResizeKernel {
  /// One row in the new width: `out` has room for columns.values() + kRowSlack.
  void (*row)(const std::uint8_t* from, const ResizeColumns& columns, std::int16_t* out);
  /// Two such rows mixed.
  void (*mix)(const WeightedRow& upper, const WeightedRow& lower, std::span<std::uint8_t> out);
};

ResizeKernel portable_resize_kernel();
/// What this processor runs fastest; the same bits from each.
ResizeKernel best_resize_kernel();

Image resized_with(const ResizeKernel& kernel, const Image& image, std::int64_t width,
                   std::int64_t height);

/// The pass over columns [begin, end) that every processor runs.
void resize_columns(const std::uint8_t* from, const ResizeColumns& columns, std::int64_t begin,
                    std::int64_t end, std::int16_t* out);
/// The values of `out` from `begin` on.
void mix_rows(const WeightedRow& upper, const WeightedRow& lower, std::size_t begin,
              std::span<std::uint8_t> out);

}  // namespace millrace
