#pragma once

#include <torch/types.h>

#include "trainer/algorithms/pca/tensors/moments.h"

namespace millrace::pca {

/// Randomized mode: W = sum of x (x^T R) over rows x, [features, m], for a fixed matrix R of random
/// signs [features, m]. With A = sum x x^T, W is A R, and A is close to W (R^T W)^-1 W^T, whose
/// eigenvectors are those of W (R^T W)^-1/2. Tropp, Yurtsever, Udell and Cevher, "Fixed-Rank
/// Approximation of a Positive-Semidefinite Matrix from Streaming Data", NIPS 2017.
///
/// Beside the sketch sum H x^T of random signs H per batch, of the same memory, a second product of
/// each row squares the spectrum, so that far fewer of the weak directions leak into the strong
/// ones. W is linear in A: neither the order of the rows nor their division among batches and hosts
/// matters.
///
/// Products are in float32 within a block and in double beyond: singular values below about a
/// thousandth of the largest one are noise. Work: 4 n d m for n rows of d features.
class Sketch final : public Moments {
 public:
  /// `columns` m < features. Every host has the same `seed`, hence the same R.
  Sketch(std::int64_t features, std::int64_t columns, std::uint64_t seed);

 private:
  void add_block(std::span<const float> rows, std::int64_t count) override;
  void add_sparse(const SparseBatch& batch) override;
  void move(std::span<const double> shift) override;
  void sum_over(Cluster& cluster) override;
  void decompose(std::int64_t components, Decomposition& found) override;

  /// values^T R, [m]
  [[nodiscard]] std::vector<double> sketched(std::span<const double> values) const;

  std::int64_t columns_;
  at::Tensor random_;           ///< R, float
  at::Tensor products_;         ///< W, double
  std::vector<float> centred_;  ///< the rows of a block about the origin
};

}  // namespace millrace::pca
