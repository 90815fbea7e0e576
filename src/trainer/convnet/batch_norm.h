#pragma once

#include <vector>

#include "trainer/convnet/blocked.h"

namespace millrace {

/// The arrays of one normalisation, each float [channels].
struct BatchNormArrays {
  const float* gamma = nullptr;
  const float* beta = nullptr;
  float* moving_mean = nullptr;  ///< updated in training: 0.9 old + 0.1 batch
  float* moving_variance =
      nullptr;  ///< likewise, from the population variance of the batch, as MXNet does
};

struct BatchNormSettings {
  double eps = 2e-5;
  double momentum = 0.9;
};

/// y = max(0, batch_norm(x)) over blocked maps, with its gradients.
///
/// The work is all memory traffic, so what can be read once is: a residual sum that is normalised
/// next is added while its statistics are taken, and the gradient for x is added to another one
/// that x has. The backward pass recomputes the rectifier's sign from x. Sums are taken in float
/// within tiles and the tiles in double, shifted by the first pixel, so that a mean far from zero
/// costs no precision and the result does not depend on the number of threads.
class BatchNormRelu {
 public:
  BatchNormRelu(const BlockedShape& shape, BatchNormSettings settings);

  /// In training by the batch's statistics, which are remembered for backward() and in the moving
  /// ones; otherwise by the moving ones. With an `addend`, x += addend comes first. y may be x
  /// where x is not needed again.
  void forward(float* x, const float* addend, const BatchNormArrays& arrays, bool training,
               float* y);

  /// Of the last forward() in training. dx may be dy; with `add`, dx grows by the gradient.
  void backward(const float* x, const float* dy, float* dx, bool add, float* dgamma, float* dbeta);

 private:
  void use_batch_statistics(const std::vector<double>& sums, const std::vector<float>& shift,
                            const BatchNormArrays& arrays);
  void use_moving_statistics(const BatchNormArrays& arrays);

  BlockedShape shape_;
  BatchNormSettings settings_;
  // Of the last forward(): y = max(0, (x - mean) scale + beta), scale = gamma inverse.
  std::vector<float> mean_, inverse_, scale_, beta_;
};

/// to += from
void add_maps(const BlockedShape& shape, const float* from, float* to);

}  // namespace millrace
