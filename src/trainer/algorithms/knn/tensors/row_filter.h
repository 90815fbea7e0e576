#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "trainer/algorithms/knn/tensors/nearest.h"

namespace millrace::knn {

/// The rows of a matrix, prepared so that one short matrix product bounds the distance of every
/// row from a query: only the few rows whose bound is small enough are then measured exactly.
///
/// With P of p orthonormal columns, x splits into P'x and a rest of length r(x), and
///
///     |q - x|^2 >= |P'q - P'x|^2 + (r(q) - r(x))^2,       q'x <= (P'q)'(P'x) + r(q) r(x)
///
/// (Pythagoras, Cauchy-Schwarz): Euclidean distance and inner product of vectors of p + 1 numbers.
/// Where P spans the directions in which the rows vary most, the bounds are close; p is chosen so
/// that product and exact distances together cost least, and rows that have no such directions are
/// taken as they are. What rounding can take from a bound is allowed for, so that nothing is lost.
/// Filter and refine: Faloutsos et al., "Fast subsequence matching in time-series databases",
/// SIGMOD 1994; P: Halko, Martinsson and Tropp, SIAM Review 2011, algorithm 4.4.
class RowFilter {
 public:
  /// `rows` [n, dimension] must outlive this. `k` is the number of neighbours that p is chosen for.
  RowFilter(std::span<const float> rows, std::int64_t dimension, bool inner_product,
            std::int64_t k);

  /// Offers to nearest[i] rows among which are all that it would keep of query i, at their exact
  /// distances; inner products are negated. False, and nothing offered, where numbers are too large
  /// to be bounded in float.
  [[nodiscard]] bool search(std::span<const float> queries, std::span<Nearest> nearest) const;

  /// p; 0 where rows are taken as they are.
  [[nodiscard]] std::int64_t width() const { return basis_.defined() ? basis_.size(1) : 0; }

 private:
  /// Vectors as factors of the product.
  struct Factors {
    torch::Tensor values;        ///< [count, factor_width()], float
    std::vector<double> square;  ///< of the length of each, after centring
  };
  enum class Side { Row, Query };
  struct Queries;

  void choose_basis(std::int64_t k);
  [[nodiscard]] std::int64_t factor_width() const;
  /// Every `stride`-th of the vectors from `first` on, centred.
  [[nodiscard]] torch::Tensor centred(const float* first, std::int64_t count,
                                      std::int64_t stride) const;
  [[nodiscard]] Factors factors(const torch::Tensor& centred_vectors, Side side) const;
  /// Every `stride`-th row of [begin, end).
  [[nodiscard]] torch::Tensor row_factors(std::int64_t begin, std::int64_t end,
                                          std::int64_t stride) const;
  [[nodiscard]] double exact(const float* query, std::int64_t row) const;
  void seed(Queries& queries) const;
  void scan(Queries& queries, std::int64_t begin, std::int64_t end) const;
  void refine(Queries& queries, std::int64_t query, std::int64_t row) const;

  std::span<const float> rows_;
  std::int64_t dimension_;
  std::int64_t count_;
  std::int64_t stride_;  ///< of the rows that give the first distances
  bool inner_product_;
  std::vector<float> centre_;  ///< zeros for inner products, which a shift would change
  torch::Tensor basis_;        ///< P [dimension, p], double; undefined where there is none
  torch::Tensor stored_;       ///< factors of every row, with a basis only: else made when needed
  double longest_ = 0;         ///< length of a row, centred
};

}  // namespace millrace::knn
