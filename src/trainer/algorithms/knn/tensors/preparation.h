#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "trainer/algorithms/knn/metadata.h"
#include "trainer/algorithms/knn/tensors/projection.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace::knn {

/// What becomes of a row before it is indexed or searched for, the same for both: written out,
/// projected, padded with zeros, brought to length 1 (a row of zeros stays one).
class Preparation {
 public:
  /// `dimension` of the index. Throws Error(Customer) where the metadata belong to another index.
  Preparation(const Metadata& metadata, std::int64_t dimension);

  [[nodiscard]] std::int64_t features() const { return features_; }
  [[nodiscard]] std::int64_t dimension() const { return dimension_; }

  /// Hands over the vectors of `rows`, [n, dimension()] from row `begin` on, some at a time: sparse
  /// rows may be far wider than the vectors.
  using Take = std::function<void(std::int64_t begin, std::span<const float> vectors)>;
  void prepare(const TabularBatch& rows, const Take& take) const;

 private:
  [[nodiscard]] std::vector<float> vectors_of(std::span<const float> features) const;

  std::int64_t features_;
  std::int64_t dimension_;
  bool normalize_;
  std::optional<Projection> projection_;
  std::int64_t projected_;  ///< dimension before padding
};

}  // namespace millrace::knn
