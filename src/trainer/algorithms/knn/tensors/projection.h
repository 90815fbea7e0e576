#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "trainer/algorithms/knn/metadata.h"

namespace millrace::knn {

/// Projects vectors at random onto fewer dimensions, so that squared distances and inner products
/// are kept in expectation. The same seed gives the same projection.
///
///   sign  y = x R / sqrt(t), R of +1 and -1 [input_dim, t]. Achlioptas, "Database-friendly random
///         projections", JCSS 2003.
///   fjlt  y = sqrt(D / t) P H S x: x is padded with zeros to D, the next power of two; S changes
///         signs at random, H is the normalised Walsh-Hadamard transform, P picks t coordinates,
///         each at most once unless t > D. Ailon and Chazelle, SIAM J. Computing 2009, with P a
///         sample instead of a sparse matrix.
class Projection {
 public:
  explicit Projection(const Reduction& reduction);

  /// [n, input_dim] to [n, target_dim].
  [[nodiscard]] std::vector<float> apply(std::span<const float> vectors) const;

 private:
  [[nodiscard]] std::vector<float> apply_signs(std::span<const float> vectors) const;
  [[nodiscard]] std::vector<float> apply_transform(std::span<const float> vectors) const;

  Reduction reduction_;
  torch::Tensor matrix_;              ///< sign: R / sqrt(t)
  std::int64_t padded_ = 0;           ///< fjlt: D
  std::vector<float> signs_;          ///< fjlt: S [input_dim]
  std::vector<std::int64_t> picked_;  ///< fjlt: P [target_dim]
};

}  // namespace millrace::knn
