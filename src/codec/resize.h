#pragma once

#include <cstdint>

#include "codec/image.h"

namespace millrace {

/// Bilinear, pixel centres at half positions, edges repeated, nothing smoothed before: the bits of
/// OpenCV's INTER_LINEAR (4.6), with which im2rec packs and MXNet's augmenter resizes, on every
/// processor. OpenCV counts in whole numbers; a value is within 1.2 of the exact one.
Image resized(const Image& image, std::int64_t width, std::int64_t height);
/// The shorter edge becomes `edge`, the other edge * long / short in whole numbers, as MXNet's
/// augmenter does.
Image resized_shorter(const Image& image, std::int64_t edge);

}  // namespace millrace
