#pragma once

#include <span>
#include <vector>

#include "trainer/algorithms/pca/pca_model.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace::pca {

/// How well a model gives rows back: of a row x it keeps its projection, from which the row
/// becomes mean + projection * vectors^T.
class Reconstruction {
 public:
  explicit Reconstruction(const PcaModel& model) : model_(model), sums_(2) {}

  void add(const TabularBatch& batch);
  /// Sum of the squared errors of all values, and the number of values; hosts add them up.
  [[nodiscard]] std::span<double> sums() { return sums_; }
  /// Over rows and features; of at least one row.
  [[nodiscard]] double mean_squared_error() const { return sums_[0] / sums_[1]; }

 private:
  [[nodiscard]] double dense_error(const DenseBatch& batch) const;
  [[nodiscard]] double sparse_error(const TabularBatch& batch) const;

  const PcaModel& model_;
  std::vector<double> sums_;
};

}  // namespace millrace::pca
