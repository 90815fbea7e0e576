#pragma once

#include "trainer/convnet/batch_norm.h"
#include "trainer/convnet/blocked.h"

namespace millrace {

/// y = batch_norm(x) of a network's input: x float [count, height, width, channels] as images are
/// loaded, y float [count, channels, height, width] as the first convolution reads them.
/// `shape.channels` is small.
void normalise_input(const BlockedShape& shape, BatchNormSettings settings, const float* x,
                     const BatchNormArrays& arrays, bool training, float* y);

/// The first convolution, as far as the gradient of what it adds up needs it.
struct FirstConvolution {
  const float* weights = nullptr;  ///< float [filters, channels, kernel, kernel]
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t pad = 0;
};

/// dbeta [channels]: the gradient of the loss for each channel's beta, from the gradient `dy` of
/// the convolution's output, blocked.
///
/// A channel's beta is added to every pixel, so its gradient is the sum of the input's gradient.
/// The sum over all positions needs of `dy` only its sum over images and, for every weight, over
/// the outputs whose window has that weight inside the image: a read of `dy` instead of a
/// transposed convolution.
void input_beta_gradient(const BlockedShape& input, const BlockedShape& output,
                         const FirstConvolution& convolution, const float* dy, float* dbeta);

}  // namespace millrace
