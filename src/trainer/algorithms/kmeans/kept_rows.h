#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "trainer/tabular/tabular_batch.h"

namespace millrace::kmeans {

/// Rows of a stream of any length, as many as some memory holds: all of them, or a uniform sample.
///
///     KeptRows kept;
///     while (const TabularBatch* batch = pass->next()) kept.add(*batch);
///     for (std::size_t i = 0; i < kept.batches().size(); ++i) kept.rows_at(kept.level(), i);
///
/// A row is kept at level L where the last L bits of a hash of its number are 0: at level 0 all
/// are, and whenever memory is full, half of the rows are given up for a higher level. What is kept
/// therefore depends on the rows and their number alone, and not on how batches divide them.
class KeptRows {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{256} << 20;

  explicit KeptRows(std::size_t max_bytes = kMaxBytes) : max_bytes_(max_bytes) {}

  void add(const TabularBatch& batch);

  /// 0: every row is there.
  [[nodiscard]] int level() const { return level_; }
  /// In the order of the stream; sparse rows stay sparse. Labels are not kept.
  [[nodiscard]] const std::vector<TabularBatch>& batches() const { return batches_; }
  /// Which rows of batches()[batch] a level that is not below level() has: all, at level().
  [[nodiscard]] std::vector<std::int64_t> rows_at(int level, std::size_t batch) const;

 private:
  void thin();
  void append(const TabularBatch& batch, std::int64_t row, std::int64_t number);

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  int level_ = 0;
  std::vector<TabularBatch> batches_;
  std::vector<std::vector<std::int64_t>> numbers_;  ///< of the rows of each batch, in the stream
};

}  // namespace millrace::kmeans
