#pragma once

#include <cstdint>

namespace millrace {

/// ImageNet's, of red, green and blue in 0 to 255.
inline constexpr float kImageMean[] = {123.68f, 116.779f, 103.939f};

/// `count` values of red, green, blue, red, ... as float with the mean of their channel taken off.
using MeanKernel = void (*)(const std::uint8_t* values, std::int64_t count, float* out);

MeanKernel portable_mean_kernel();
/// What this processor runs fastest; the same bits.
MeanKernel best_mean_kernel();

}  // namespace millrace
