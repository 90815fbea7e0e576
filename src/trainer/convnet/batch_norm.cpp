#include "trainer/convnet/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "trainer/convnet/for_each_cpu.h"
#include "trainer/convnet/tiles.h"

namespace millrace {
namespace {

/// Pixels that are summed side by side: a sum waits four cycles for the one before it.
constexpr int kChains = 4;

/// sums[0..16) = sum of x - shift, sums[16..32) = sum of (x - shift)^2.
MILLRACE_FOR_EACH_CPU void sum_tile(const float* data, std::int64_t pixels, const float* shifts,
                                    float* sums) {
  const auto* x = reinterpret_cast<const Lanes*>(data);
  Lanes shift, sum[kChains] = {}, square[kChains] = {};
  std::memcpy(&shift, shifts, sizeof shift);
  std::int64_t p = 0;
  for (; p + kChains <= pixels; p += kChains) {
    for (int k = 0; k < kChains; ++k) {
      const Lanes value = x[p + k] - shift;
      sum[k] += value;
      square[k] += value * value;
    }
  }
  for (; p < pixels; ++p) {
    const Lanes value = x[p] - shift;
    sum[0] += value;
    square[0] += value * value;
  }
  const Lanes total[2] = {(sum[0] + sum[1]) + (sum[2] + sum[3]),
                          (square[0] + square[1]) + (square[2] + square[3])};
  std::memcpy(sums, total, sizeof total);
}

/// x += addend
MILLRACE_FOR_EACH_CPU void add_tile(float* data, const float* addend, std::int64_t pixels) {
  auto* x = reinterpret_cast<Lanes*>(data);
  const auto* a = reinterpret_cast<const Lanes*>(addend);
  for (std::int64_t p = 0; p < pixels; ++p) x[p] += a[p];
}

/// y = max(0, (x - mean) scale + beta)
MILLRACE_FOR_EACH_CPU void rectify_tile(const float* data, std::int64_t pixels, const float* means,
                                        const float* scales, const float* betas, float* out) {
  const auto* x = reinterpret_cast<const Lanes*>(data);
  auto* y = reinterpret_cast<Lanes*>(out);
  Lanes mean, scale, beta;
  std::memcpy(&mean, means, sizeof mean);
  std::memcpy(&scale, scales, sizeof scale);
  std::memcpy(&beta, betas, sizeof beta);
  const Lanes zero = {};
  for (std::int64_t p = 0; p < pixels; ++p) {
    const Lanes value = (x[p] - mean) * scale + beta;
    y[p] = value > zero ? value : zero;
  }
}

/// With g = dy where the output was positive, else 0: sums[0..16) = sum of g, sums[16..32) = sum
/// of g (x - mean).
MILLRACE_FOR_EACH_CPU void sum_gradient_tile(const float* data, const float* above,
                                             std::int64_t pixels, const float* means,
                                             const float* scales, const float* betas, float* sums) {
  const auto* x = reinterpret_cast<const Lanes*>(data);
  const auto* dy = reinterpret_cast<const Lanes*>(above);
  Lanes mean, scale, beta, sum[kChains] = {}, product[kChains] = {};
  std::memcpy(&mean, means, sizeof mean);
  std::memcpy(&scale, scales, sizeof scale);
  std::memcpy(&beta, betas, sizeof beta);
  const Lanes zero = {};
  std::int64_t p = 0;
  for (; p + kChains <= pixels; p += kChains) {
    for (int k = 0; k < kChains; ++k) {
      const Lanes centred = x[p + k] - mean;
      const Lanes g = centred * scale + beta > zero ? dy[p + k] : zero;
      sum[k] += g;
      product[k] += g * centred;
    }
  }
  for (; p < pixels; ++p) {
    const Lanes centred = x[p] - mean;
    const Lanes g = centred * scale + beta > zero ? dy[p] : zero;
    sum[0] += g;
    product[0] += g * centred;
  }
  const Lanes total[2] = {(sum[0] + sum[1]) + (sum[2] + sum[3]),
                          (product[0] + product[1]) + (product[2] + product[3])};
  std::memcpy(sums, total, sizeof total);
}

/// What the gradient's line has of each channel.
struct GradientArrays {
  const float* mean;
  const float* scale;
  const float* beta;
  const float* constant;
  const float* slope;
};

/// dx = scale g - constant - slope (x - mean), or dx += that.
MILLRACE_FOR_EACH_CPU void gradient_tile(const float* data, const float* above, std::int64_t pixels,
                                         const GradientArrays& arrays, bool add, float* out) {
  const auto* x = reinterpret_cast<const Lanes*>(data);
  const auto* dy = reinterpret_cast<const Lanes*>(above);
  auto* dx = reinterpret_cast<Lanes*>(out);
  Lanes mean, scale, beta, constant, slope;
  std::memcpy(&mean, arrays.mean, sizeof mean);
  std::memcpy(&scale, arrays.scale, sizeof scale);
  std::memcpy(&beta, arrays.beta, sizeof beta);
  std::memcpy(&constant, arrays.constant, sizeof constant);
  std::memcpy(&slope, arrays.slope, sizeof slope);
  const Lanes zero = {};
  if (add) {
    for (std::int64_t p = 0; p < pixels; ++p) {
      const Lanes centred = x[p] - mean;
      const Lanes g = centred * scale + beta > zero ? dy[p] : zero;
      dx[p] += scale * g - constant - slope * centred;
    }
  } else {
    for (std::int64_t p = 0; p < pixels; ++p) {
      const Lanes centred = x[p] - mean;
      const Lanes g = centred * scale + beta > zero ? dy[p] : zero;
      dx[p] = scale * g - constant - slope * centred;
    }
  }
}

}  // namespace

void add_maps(const BlockedShape& shape, const float* from, float* to) {
  for_tiles(shape,
            [&](const Tile& tile) { add_tile(to + tile.first, from + tile.first, tile.pixels); });
}

BatchNormRelu::BatchNormRelu(const BlockedShape& shape, BatchNormSettings settings)
    : shape_(shape), settings_(settings) {
  for (std::vector<float>* array : {&mean_, &inverse_, &scale_, &beta_})
    array->resize(static_cast<std::size_t>(shape.channels));
}

void BatchNormRelu::use_batch_statistics(const std::vector<double>& sums,
                                         const std::vector<float>& shift,
                                         const BatchNormArrays& arrays) {
  const auto count = static_cast<double>(shape_.count * shape_.pixels());
  const auto channels = static_cast<std::size_t>(shape_.channels);
  const auto blend = [&](float& moving, double now) {
    moving = static_cast<float>(settings_.momentum * static_cast<double>(moving) +
                                (1 - settings_.momentum) * now);
  };
  for (std::size_t c = 0; c < channels; ++c) {
    const double from_shift = sums[c] / count;
    const double variance = std::max(0.0, sums[channels + c] / count - from_shift * from_shift);
    const double mean = static_cast<double>(shift[c]) + from_shift;
    const double inverse = 1 / std::sqrt(variance + settings_.eps);
    mean_[c] = static_cast<float>(mean);
    inverse_[c] = static_cast<float>(inverse);
    scale_[c] = static_cast<float>(static_cast<double>(arrays.gamma[c]) * inverse);
    beta_[c] = arrays.beta[c];
    blend(arrays.moving_mean[c], mean);
    blend(arrays.moving_variance[c], variance);
  }
}

void BatchNormRelu::use_moving_statistics(const BatchNormArrays& arrays) {
  for (std::size_t c = 0; c < scale_.size(); ++c) {
    const double inverse =
        1 / std::sqrt(static_cast<double>(arrays.moving_variance[c]) + settings_.eps);
    mean_[c] = arrays.moving_mean[c];
    inverse_[c] = static_cast<float>(inverse);
    scale_[c] = static_cast<float>(static_cast<double>(arrays.gamma[c]) * inverse);
    beta_[c] = arrays.beta[c];
  }
}

void BatchNormRelu::forward(float* x, const float* addend, const BatchNormArrays& arrays,
                            bool training, float* y) {
  if (training) {
    std::vector<float> shift(static_cast<std::size_t>(shape_.channels));
    for (std::int64_t c = 0; c < shape_.channels; ++c) {
      const std::int64_t at = c / kLanes * shape_.pixels() * kLanes + c % kLanes;
      shift[static_cast<std::size_t>(c)] = x[at] + (addend == nullptr ? 0.0F : addend[at]);
    }
    const std::vector<double> sums = summed(shape_, [&](const Tile& tile, float* out) {
      if (addend != nullptr) add_tile(x + tile.first, addend + tile.first, tile.pixels);
      sum_tile(x + tile.first, tile.pixels, shift.data() + tile.channel, out);
    });
    use_batch_statistics(sums, shift, arrays);
    addend = nullptr;
  } else {
    use_moving_statistics(arrays);
  }
  for_tiles(shape_, [&](const Tile& tile) {
    if (addend != nullptr) add_tile(x + tile.first, addend + tile.first, tile.pixels);
    rectify_tile(x + tile.first, tile.pixels, mean_.data() + tile.channel,
                 scale_.data() + tile.channel, beta_.data() + tile.channel, y + tile.first);
  });
}

void BatchNormRelu::backward(const float* x, const float* dy, float* dx, bool add, float* dgamma,
                             float* dbeta) {
  const std::vector<double> sums = summed(shape_, [&](const Tile& tile, float* out) {
    sum_gradient_tile(x + tile.first, dy + tile.first, tile.pixels, mean_.data() + tile.channel,
                      scale_.data() + tile.channel, beta_.data() + tile.channel, out);
  });
  const auto channels = static_cast<std::size_t>(shape_.channels);
  const auto count = static_cast<double>(shape_.count * shape_.pixels());
  std::vector<float> constant(channels), slope(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const auto inverse = static_cast<double>(inverse_[c]), scale = static_cast<double>(scale_[c]);
    dbeta[c] = static_cast<float>(sums[c]);
    dgamma[c] = static_cast<float>(sums[channels + c] * inverse);
    constant[c] = static_cast<float>(scale * sums[c] / count);
    slope[c] = static_cast<float>(scale * sums[channels + c] * inverse * inverse / count);
  }
  for_tiles(shape_, [&](const Tile& tile) {
    const auto of = [&](const std::vector<float>& array) { return array.data() + tile.channel; };
    gradient_tile(x + tile.first, dy + tile.first, tile.pixels,
                  {.mean = of(mean_),
                   .scale = of(scale_),
                   .beta = of(beta_),
                   .constant = of(constant),
                   .slope = of(slope)},
                  add, dx + tile.first);
  });
}

}  // namespace millrace
