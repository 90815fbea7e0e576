#pragma once

#include <torch/types.h>

namespace millrace::image_classification {

/// The arrays of one normalisation, each float [C].
struct BatchNormTensors {
  torch::Tensor gamma;
  torch::Tensor beta;
  torch::Tensor moving_mean;  ///< updated in training: 0.9 old + 0.1 batch
  torch::Tensor
      moving_variance;  ///< likewise, from the population variance of the batch, as MXNet does
};

/// max(0, batch_norm(x)) of x float [N, C, H, W] on the CPU in channels-last order, differentiable
/// in x, gamma and beta.
///
/// One pass for the statistics and one to write, where normalising and rectifying apart take four;
/// the backward pass recomputes the sign from x and keeps nothing else. ResNet-20 spends a third of
/// its step here. Statistics are summed in double, shifted by the first pixel, so that a mean far
/// from zero costs no precision; the result does not depend on the number of threads.
torch::Tensor batch_norm_relu(const torch::Tensor& x, const BatchNormTensors& arrays,
                              bool training);

}  // namespace millrace::image_classification
