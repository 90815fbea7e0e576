#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "trainer/learn/cluster.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace::pca {

/// The strongest directions of a data matrix, the strongest last.
struct Decomposition {
  std::vector<float> vectors;          ///< [features, components], orthonormal columns
  std::vector<float> singular_values;  ///< [components], ascending
  std::vector<float> mean;             ///< [features], of all rows
  double explained = 0;                ///< share of the variance that the components hold
  std::int64_t rows = 0;               ///< of all hosts
};

/// Sums over rows from which principal components follow, taken in one pass. What the sums of
/// products are is for the two modes to say: covariance.h and sketch.h.
///
///     while (const TabularBatch* batch = pass->next()) moments->add(*batch);
///     const Decomposition found = moments->finish(cluster, /*components=*/10, /*centre=*/true);
///
/// Dense rows are summed about an origin near their mean, that of the first block: about zero, a
/// mean that is large beside the deviations would take all digits of the difference between the
/// sum of squares and the square of the sum. Sparse rows, most of whose values are zero, are summed
/// about zero, where those cost nothing. Chan, Golub and LeVeque, "Algorithms for Computing the
/// Sample Variance", 1983.
class Moments {
 public:
  /// Dense rows are summed in blocks of at most `block_rows`.
  Moments(std::int64_t features, std::int64_t block_rows);
  Moments(const Moments&) = delete;
  Moments& operator=(const Moments&) = delete;
  virtual ~Moments() = default;

  /// Rows of `features` columns; an empty batch is none.
  void add(const TabularBatch& batch);
  [[nodiscard]] std::int64_t rows() const { return rows_ + pending_; }

  /// Adds up the hosts' sums, moves them to the mean (`centre`) or to zero, and decomposes. Every
  /// host has the result. Throws Error(Customer) where the numbers are too large for the sums.
  /// Once.
  Decomposition finish(Cluster& cluster, std::int64_t components, bool centre);

 protected:
  /// Adds rows [count, features] to the sums of products.
  virtual void add_block(std::span<const float> rows, std::int64_t count) = 0;
  virtual void add_sparse(const SparseBatch& batch) = 0;
  /// Makes the sums of products those about origin + shift, given sums() about the origin.
  virtual void move(std::span<const double> shift) = 0;
  virtual void sum_over(Cluster& cluster) = 0;
  /// Fills vectors (of any sign) and singular_values.
  virtual void decompose(std::int64_t components, Decomposition& found) = 0;

  [[nodiscard]] std::int64_t features() const { return features_; }
  /// Of the rows given to add_block and add_sparse, about the origin.
  [[nodiscard]] std::span<const double> sums() const { return sums_; }
  [[nodiscard]] std::int64_t summed_rows() const { return rows_; }
  /// Writes rows minus the origin to `out` and adds them to sums().
  template <class T>
  void centre_block(std::span<const float> rows, std::int64_t count, T* out);

 private:
  void flush();
  void sum_block(std::span<const float> rows, std::int64_t count);
  void add_sparse_sums(const SparseBatch& batch);

  std::int64_t features_;
  std::int64_t rows_ = 0;
  std::optional<bool> scatters_;  ///< rows are added by their stored values
  bool has_origin_ = false;
  std::vector<float> origin_;    ///< [features]
  std::vector<double> sums_;     ///< [features]
  std::vector<double> squares_;  ///< [features]
  std::vector<float> block_;     ///< rows that wait for a block to be full
  std::int64_t pending_ = 0;
  std::int64_t block_rows_;
};

}  // namespace millrace::pca
