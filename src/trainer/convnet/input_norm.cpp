#include "trainer/convnet/input_norm.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "trainer/convnet/tiles.h"

namespace millrace {
namespace {

std::size_t index(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

/// Sum and sum of squares of each channel: double [2, channels].
std::vector<double> channel_sums(const BlockedShape& shape, const float* x) {
  const std::int64_t width = 2 * shape.channels;
  std::vector<double> partial(index(shape.count * width), 0.0);
  at::parallel_for(0, shape.count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t image = begin; image < end; ++image) {
      const float* pixel = x + image * shape.pixels() * shape.channels;
      double* sums = &partial[index(image * width)];
      for (std::int64_t p = 0; p < shape.pixels(); ++p, pixel += shape.channels) {
        for (std::int64_t c = 0; c < shape.channels; ++c) {
          const auto value = static_cast<double>(pixel[c]);
          sums[c] += value;
          sums[shape.channels + c] += value * value;
        }
      }
    }
  });
  std::vector<double> total(index(width), 0.0);
  for (std::size_t i = 0; i < partial.size(); ++i) total[i % total.size()] += partial[i];
  return total;
}

/// The outputs along one axis whose window has place k of the kernel inside the input.
std::pair<std::int64_t, std::int64_t> outputs_inside(std::int64_t k, const FirstConvolution& c,
                                                     std::int64_t input, std::int64_t output) {
  const std::int64_t shift = c.pad - k;  // an output o reads input o * stride - shift
  const std::int64_t first = shift <= 0 ? 0 : (shift + c.stride - 1) / c.stride;
  // Of an input that is smaller than the kernel no window has its last places inside.
  const std::int64_t reach = input - 1 + shift;
  const std::int64_t end = reach < 0 ? 0 : reach / c.stride + 1;
  return {std::min(first, output), std::min(end, output)};
}

/// Sums of the rectangles that begin at the origin, for one channel: double [height + 1, width +
/// 1].
std::vector<double> corner_sums(const BlockedShape& shape, const std::vector<float>& summed,
                                std::int64_t channel) {
  const std::int64_t pitch = shape.width + 1;
  std::vector<double> corner(index((shape.height + 1) * pitch), 0.0);
  const float* map = summed.data() + channel / kLanes * shape.pixels() * kLanes + channel % kLanes;
  for (std::int64_t y = 0; y < shape.height; ++y) {
    double row = 0;
    for (std::int64_t x = 0; x < shape.width; ++x) {
      row += static_cast<double>(map[(y * shape.width + x) * kLanes]);
      corner[index((y + 1) * pitch + x + 1)] = corner[index(y * pitch + x + 1)] + row;
    }
  }
  return corner;
}

}  // namespace

void normalise_input(const BlockedShape& shape, BatchNormSettings settings, const float* x,
                     const BatchNormArrays& arrays, bool training, float* y) {
  std::vector<float> scale(index(shape.channels)), offset(index(shape.channels));
  const std::vector<double> sums = training ? channel_sums(shape, x) : std::vector<double>();
  const auto count = static_cast<double>(shape.count * shape.pixels());
  for (std::int64_t c = 0; c < shape.channels; ++c) {
    auto mean = static_cast<double>(arrays.moving_mean[c]),
         variance = static_cast<double>(arrays.moving_variance[c]);
    if (training) {
      const double now = sums[index(c)] / count;
      const double spread = std::max(0.0, sums[index(shape.channels + c)] / count - now * now);
      arrays.moving_mean[c] =
          static_cast<float>(settings.momentum * mean + (1 - settings.momentum) * now);
      arrays.moving_variance[c] =
          static_cast<float>(settings.momentum * variance + (1 - settings.momentum) * spread);
      mean = now;
      variance = spread;
    }
    const double factor = static_cast<double>(arrays.gamma[c]) / std::sqrt(variance + settings.eps);
    scale[index(c)] = static_cast<float>(factor);
    offset[index(c)] = static_cast<float>(static_cast<double>(arrays.beta[c]) - mean * factor);
  }
  at::parallel_for(0, shape.count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t image = begin; image < end; ++image) {
      const float* pixels = x + image * shape.pixels() * shape.channels;
      for (std::int64_t c = 0; c < shape.channels; ++c) {
        float* plane = y + (image * shape.channels + c) * shape.pixels();
        for (std::int64_t p = 0; p < shape.pixels(); ++p)
          plane[p] = pixels[p * shape.channels + c] * scale[index(c)] + offset[index(c)];
      }
    }
  });
}

void input_beta_gradient(const BlockedShape& input, const BlockedShape& output,
                         const FirstConvolution& convolution, const float* dy, float* dbeta) {
  // Over images first, row by row of a block of channels.
  std::vector<float> summed(index(output.channels * output.pixels()), 0.0F);
  at::parallel_for(
      0, output.groups() * output.height, 1, [&](std::int64_t begin, std::int64_t end) {
        const std::int64_t row_size = output.width * kLanes;
        for (std::int64_t row = begin; row < end; ++row) {
          float* sums = summed.data() + row * row_size;
          for (std::int64_t image = 0; image < output.count; ++image) {
            const float* from = dy + (image * output.groups() * output.height + row) * row_size;
            for (std::int64_t i = 0; i < row_size; ++i) sums[i] += from[i];
          }
        }
      });
  std::vector<double> total(index(input.channels), 0.0);
  const std::int64_t pitch = output.width + 1;
  for (std::int64_t filter = 0; filter < output.channels; ++filter) {
    const std::vector<double> corner = corner_sums(output, summed, filter);
    for (std::int64_t ky = 0; ky < convolution.kernel; ++ky) {
      const auto [top, bottom] = outputs_inside(ky, convolution, input.height, output.height);
      for (std::int64_t kx = 0; kx < convolution.kernel; ++kx) {
        const auto [left, right] = outputs_inside(kx, convolution, input.width, output.width);
        const double inside =
            corner[index(bottom * pitch + right)] - corner[index(top * pitch + right)] -
            corner[index(bottom * pitch + left)] + corner[index(top * pitch + left)];
        for (std::int64_t c = 0; c < input.channels; ++c) {
          const std::int64_t at =
              ((filter * input.channels + c) * convolution.kernel + ky) * convolution.kernel + kx;
          total[index(c)] += inside * static_cast<double>(convolution.weights[at]);
        }
      }
    }
  }
  for (std::int64_t c = 0; c < input.channels; ++c) dbeta[c] = static_cast<float>(total[index(c)]);
}

}  // namespace millrace
