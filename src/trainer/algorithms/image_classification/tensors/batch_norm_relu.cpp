#include "trainer/algorithms/image_classification/tensors/batch_norm_relu.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "trainer/algorithms/image_classification/graph.h"
#include "trainer/convnet/for_each_cpu.h"

namespace millrace::image_classification {
namespace {

/// Rows are summed in float within a block of this many and the blocks in double. Blocks, not
/// threads, bound the sums, so that any number of threads adds the same numbers in the same order.
constexpr std::int64_t kBlockRows = 512;

/// Channels that are summed together: one AVX-512 register of floats.
constexpr std::int64_t kStrip = 16;

struct Rows {
  std::int64_t count;     ///< N * H * W
  std::int64_t channels;  ///< C
  [[nodiscard]] std::int64_t blocks() const { return (count + kBlockRows - 1) / kBlockRows; }
};

/// sums[0..C) += x - shift and sums[C..2C) += (x - shift)^2 over some rows.
MILLRACE_FOR_EACH_CPU void sum_block(const float* x, std::int64_t rows, std::int64_t channels,
                                     const float* shift, float* sums) {
  float* __restrict sum = sums;
  float* __restrict squares = sums + channels;
  for (std::int64_t r = 0; r < rows; ++r, x += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float value = x[c] - shift[c];
      sum[c] += value;
      squares[c] += value * value;
    }
  }
}

/// y = max(0, x * scale + offset)
MILLRACE_FOR_EACH_CPU void rectify_block(const float* x, std::int64_t rows, std::int64_t channels,
                                         const float* scale, const float* offset,
                                         float* __restrict y) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, y += channels) {
    for (std::int64_t c = 0; c < channels; ++c) y[c] = std::max(x[c] * scale[c] + offset[c], 0.0f);
  }
}

/// With g = dy where the output was positive, else 0: sums[0..C) += g and sums[C..2C) += g * (x -
/// mean).
MILLRACE_FOR_EACH_CPU void sum_gradient_block(const float* x, const float* dy, std::int64_t rows,
                                              std::int64_t channels, const float* scale,
                                              const float* offset, const float* mean, float* sums) {
  // A strip of channels at a time, with everything that does not change from row to row in
  // registers. As one loop over all channels the seven arrays defeat the compiler's alias checks
  // and nothing is vectorised.
  for (std::int64_t first = 0; first < channels; first += kStrip) {
    const std::int64_t width = std::min(kStrip, channels - first);
    float sum[kStrip] = {}, products[kStrip] = {}, factor[kStrip] = {}, shift[kStrip] = {},
          centre[kStrip] = {};
    for (std::int64_t c = 0; c < width; ++c) {
      factor[c] = scale[first + c];
      shift[c] = offset[first + c];
      centre[c] = mean[first + c];
    }
    const auto add_row = [&](const float* row, const float* gradient, std::int64_t count) {
      for (std::int64_t c = 0; c < count; ++c) {
        const float above =
            gradient[c];  // read before the choice: a load that depends on it is not vectorised
        const float g = row[c] * factor[c] + shift[c] > 0.0f ? above : 0.0f;
        sum[c] += g;
        products[c] += g * (row[c] - centre[c]);
      }
    };
    const float* row = x + first;
    const float* gradient = dy + first;
    for (std::int64_t r = 0; r < rows; ++r, row += channels, gradient += channels) {
      // A count known when compiling for all strips but the last.
      if (width == kStrip) {
        add_row(row, gradient, kStrip);
      } else {
        add_row(row, gradient, width);
      }
    }
    for (std::int64_t c = 0; c < width; ++c) {
      sums[first + c] += sum[c];
      sums[channels + first + c] += products[c];
    }
  }
}

/// dx = scale * g - constant - slope * (x - mean)
MILLRACE_FOR_EACH_CPU void gradient_block(const float* x, const float* dy, std::int64_t rows,
                                          std::int64_t channels, const float* scale,
                                          const float* offset, const float* mean,
                                          const float* constant, const float* slope,
                                          float* __restrict dx) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, dy += channels, dx += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float above =
          dy[c];  // read before the choice: a load that depends on it is not vectorised
      const float g = x[c] * scale[c] + offset[c] > 0.0f ? above : 0.0f;
      dx[c] = scale[c] * g - constant[c] - slope[c] * (x[c] - mean[c]);
    }
  }
}

/// Calls use(first row, number of rows, block) for every block, on several threads.
template <class Use>
void for_blocks(const Rows& rows, const Use& use) {
  at::parallel_for(0, rows.blocks(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t first = block * kBlockRows;
      use(first, std::min(kBlockRows, rows.count - first), block);
    }
  });
}

/// Two sums per channel over all rows: add(first, count, sums) puts a block's sums in `sums`, float
/// [2, C].
template <class Add>
std::vector<double> summed(const Rows& rows, const Add& add) {
  const std::int64_t width = 2 * rows.channels;
  std::vector<float> partial(static_cast<std::size_t>(rows.blocks() * width), 0.0f);
  for_blocks(rows, [&](std::int64_t first, std::int64_t count, std::int64_t block) {
    add(first, count, partial.data() + block * width);
  });
  std::vector<double> total(static_cast<std::size_t>(width), 0.0);
  for (std::size_t i = 0; i < partial.size(); ++i)
    total[i % total.size()] += static_cast<double>(partial[i]);
  return total;
}

Rows rows_of(const torch::Tensor& x) {
  return {.count = x.size(0) * x.size(2) * x.size(3), .channels = x.size(1)};
}

class BatchNormRelu : public torch::autograd::Function<BatchNormRelu> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context,
                               const torch::Tensor& input, const torch::Tensor& gamma,
                               const torch::Tensor& beta, torch::Tensor moving_mean,
                               torch::Tensor moving_variance) {
    const torch::Tensor x = input.contiguous(at::MemoryFormat::ChannelsLast);
    const Rows rows = rows_of(x);
    const auto* pixels = x.data_ptr<float>();
    const std::vector<float> shift(pixels, pixels + rows.channels);
    const std::vector<double> sums =
        summed(rows, [&](std::int64_t first, std::int64_t count, float* out) {
          sum_block(pixels + first * rows.channels, count, rows.channels, shift.data(), out);
        });

    // [4, C]: scale and offset of the forward pass, mean, and 1 / deviation for the backward pass.
    torch::Tensor statistics = torch::empty({4, rows.channels});
    auto* scale = statistics.data_ptr<float>();
    auto* offset = scale + rows.channels;
    auto* mean = offset + rows.channels;
    auto* inverse = mean + rows.channels;
    auto* old_mean = moving_mean.data_ptr<float>();
    auto* old_variance = moving_variance.data_ptr<float>();
    for (std::int64_t c = 0; c < rows.channels; ++c) {
      const auto i = static_cast<std::size_t>(c);
      const auto count = static_cast<double>(rows.count);
      const double from_shift = sums[i] / count;
      const double variance = std::max(
          0.0, sums[i + static_cast<std::size_t>(rows.channels)] / count - from_shift * from_shift);
      const double centre = static_cast<double>(shift[i]) + from_shift;
      const double factor = 1 / std::sqrt(variance + kBatchNormEps);
      const double scaled = static_cast<double>(gamma.data_ptr<float>()[c]) * factor;
      mean[c] = static_cast<float>(centre);
      inverse[c] = static_cast<float>(factor);
      scale[c] = static_cast<float>(scaled);
      offset[c] =
          static_cast<float>(static_cast<double>(beta.data_ptr<float>()[c]) - centre * scaled);
      old_mean[c] = static_cast<float>(kBatchNormMomentum * static_cast<double>(old_mean[c]) +
                                       (1 - kBatchNormMomentum) * centre);
      old_variance[c] =
          static_cast<float>(kBatchNormMomentum * static_cast<double>(old_variance[c]) +
                             (1 - kBatchNormMomentum) * variance);
    }

    torch::Tensor y = torch::empty_like(x);
    auto* out = y.data_ptr<float>();
    for_blocks(rows, [&](std::int64_t first, std::int64_t count, std::int64_t) {
      rectify_block(pixels + first * rows.channels, count, rows.channels, scale, offset,
                    out + first * rows.channels);
    });
    context->save_for_backward({x, statistics});
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const torch::Tensor& x = saved[0];
    const torch::Tensor dy = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const Rows rows = rows_of(x);
    const auto* pixels = x.data_ptr<float>();
    const auto* above = dy.data_ptr<float>();
    const auto* scale = saved[1].data_ptr<float>();
    const auto* offset = scale + rows.channels;
    const auto* mean = offset + rows.channels;
    const auto* inverse = mean + rows.channels;
    const std::vector<double> sums = summed(rows, [&](std::int64_t first, std::int64_t count,
                                                      float* out) {
      const std::int64_t at = first * rows.channels;
      sum_gradient_block(pixels + at, above + at, count, rows.channels, scale, offset, mean, out);
    });

    torch::Tensor dgamma = torch::empty({rows.channels}), dbeta = torch::empty({rows.channels});
    std::vector<float> constant(static_cast<std::size_t>(rows.channels)),
        slope(static_cast<std::size_t>(rows.channels));
    for (std::int64_t c = 0; c < rows.channels; ++c) {
      const auto i = static_cast<std::size_t>(c);
      const double sum = sums[i], products = sums[i + static_cast<std::size_t>(rows.channels)];
      const auto count = static_cast<double>(rows.count);
      const auto factor = static_cast<double>(inverse[c]);
      dgamma.data_ptr<float>()[c] = static_cast<float>(products * factor);
      dbeta.data_ptr<float>()[c] = static_cast<float>(sum);
      constant[i] = static_cast<float>(static_cast<double>(scale[c]) * sum / count);
      slope[i] =
          static_cast<float>(static_cast<double>(scale[c]) * products * factor * factor / count);
    }

    torch::Tensor dx = torch::empty_like(x);
    auto* out = dx.data_ptr<float>();
    for_blocks(rows, [&](std::int64_t first, std::int64_t count, std::int64_t) {
      const std::int64_t at = first * rows.channels;
      gradient_block(pixels + at, above + at, count, rows.channels, scale, offset, mean,
                     constant.data(), slope.data(), out + at);
    });
    return {dx, dgamma, dbeta, torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor batch_norm_relu(const torch::Tensor& x, const BatchNormTensors& arrays,
                              bool training) {
  if (training)
    return BatchNormRelu::apply(x, arrays.gamma, arrays.beta, arrays.moving_mean,
                                arrays.moving_variance);
  const torch::Tensor scale = arrays.gamma * (arrays.moving_variance + kBatchNormEps).rsqrt();
  const torch::Tensor offset = arrays.beta - arrays.moving_mean * scale;
  return (x * scale.view({1, -1, 1, 1})).add_(offset.view({1, -1, 1, 1})).relu_();
}

}  // namespace millrace::image_classification
