#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "trainer/algorithms/knn/tensors/index.h"
#include "trainer/algorithms/knn/tensors/row_filter.h"

namespace millrace::knn {

/// Every vector, searched exhaustively and exactly: what is found are the k smallest distances as
/// computed in double (distance.h), equal ones by row number, the same for a query whatever others
/// it comes with and however many threads there are.
///
/// A few queries are held against every vector. For many, a bound that one matrix product gives
/// for all pairs (row_filter.h) leaves out the rows that cannot be near.
class FlatIndex final : public Index {
 public:
  FlatIndex(bool inner_product, std::int64_t dimension, std::vector<float> vectors);

  /// FAISS's `IxF2` (Euclidean) and `IxFI` (inner product).
  static bool is_flat(std::string_view bytes);
  static std::unique_ptr<FlatIndex> read(std::string_view bytes);

  [[nodiscard]] std::int64_t dimension() const override { return dimension_; }
  [[nodiscard]] std::int64_t rows() const override { return rows_; }
  Neighbours search(std::span<const float> queries, std::int64_t k) override;
  void write(const std::filesystem::path& path) const override;

  [[nodiscard]] const std::vector<float>& vectors() const { return vectors_; }

 private:
  void search_all(std::span<const float> queries, std::span<Nearest> nearest) const;

  bool inner_product_;
  std::int64_t dimension_;
  std::vector<float> vectors_;  ///< [rows, dimension]
  std::int64_t rows_;
  std::int64_t queries_ = 0;  ///< searched for so far
  std::optional<RowFilter> filter_;
};

}  // namespace millrace::knn
