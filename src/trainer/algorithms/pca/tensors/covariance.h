#pragma once

#include <torch/types.h>

#include "trainer/algorithms/pca/tensors/moments.h"

namespace millrace::pca {

/// Regular mode: A = sum of x x^T over rows x, [features, features], and its eigenvectors. Products
/// and sums are in double, so that components with a hundred-thousandth of the strongest one's
/// singular value still have their digits: eigenvalues are squares of singular values.
///
/// Work: n d^2 for n rows of d features, half of what a whole product would cost, and about 9 d^3
/// for the eigenvectors. Memory: memory_needs.h.
class Covariance final : public Moments {
 public:
  explicit Covariance(std::int64_t features);

 private:
  void add_block(std::span<const float> rows, std::int64_t count) override;
  void add_sparse(const SparseBatch& batch) override;
  void move(std::span<const double> shift) override;
  void sum_over(Cluster& cluster) override;
  void decompose(std::int64_t components, Decomposition& found) override;

  /// Only on and above the diagonal; what stands below it is meaningless.
  at::Tensor products_;
  std::vector<double> centred_;  ///< the rows of a block about the origin
};

}  // namespace millrace::pca
