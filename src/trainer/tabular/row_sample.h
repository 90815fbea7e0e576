#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "core/data/row.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace {

/// A uniform sample of the rows of a stream whose length is not known, without replacement.
///
///     RowSample sample({.rows = 10'000}, /*seed=*/1);
///     while (const TabularBatch* batch = pass->next()) sample.add(*batch);
///
/// Until the reservoir is full, rows stand in it in the order of the stream. Vitter, "Random
/// Sampling with a Reservoir", ACM TOMS 1985, algorithm R.
class RowSample {
 public:
  struct Limits {
    std::int64_t rows = 0;
    /// Numbers held in all (16 MiB): wide rows leave room for fewer of them.
    std::int64_t values = std::int64_t{4} << 20;
  };

  RowSample(Limits limits, std::uint64_t seed) : limits_(limits), random_(seed) {}

  void add(const TabularBatch& batch);
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  /// Rows [begin, end) as a batch of the kind they came in.
  void fill(TabularBatch& batch, std::size_t begin, std::size_t end) const;

 private:
  Limits limits_;
  std::mt19937_64 random_;
  std::optional<std::int64_t> capacity_;  ///< rows, known with the first batch
  bool is_sparse_ = false;
  std::int64_t seen_ = 0;
  std::vector<Row> rows_;
};

}  // namespace millrace
