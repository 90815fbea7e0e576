#pragma once

#include <cstdint>

#include "codec/image.h"

namespace millrace {

/// Bilinear, pixel centres at half positions, edges repeated, nothing smoothed before: OpenCV's
/// INTER_LINEAR, which im2rec and MXNet's augmenter use. Computed in whole numbers, columns first,
/// so that the result has the same bits on every processor; a value is within 0.52 of the exact
/// one.
Image resized(const Image& image, std::int64_t width, std::int64_t height);
/// The shorter edge becomes `edge`, the other edge * long / short in whole numbers, as MXNet's
/// augmenter does.
Image resized_shorter(const Image& image, std::int64_t edge);

}  // namespace millrace
