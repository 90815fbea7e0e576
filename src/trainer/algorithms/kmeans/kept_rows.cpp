#include "trainer/algorithms/kmeans/kept_rows.h"

#include <utility>

#include "core/base/check.h"

namespace millrace::kmeans {
namespace {

/// A batch of kept rows takes further ones until it is this large, so that growing it never copies
/// much and giving up rows frees memory step by step.
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
/// A hash has this many bits to choose by.
constexpr int kMaxLevel = 62;

/// What a row takes besides its numbers: its own number here, and what is known of it while centres
/// are refined.
constexpr std::size_t kBytesBesides = 32;

std::size_t bytes_of(const TabularBatch& batch, std::int64_t row) {
  if (!batch.is_sparse)
    return kBytesBesides + static_cast<std::size_t>(batch.dense.columns) * sizeof(float);
  const auto at = static_cast<std::size_t>(row);
  const auto stored =
      static_cast<std::size_t>(batch.sparse.row_starts[at + 1] - batch.sparse.row_starts[at]);
  return kBytesBesides + stored * (sizeof(float) + sizeof(std::int64_t));
}

std::size_t bytes_of(const TabularBatch& batch) {
  return batch.is_sparse ? batch.sparse.values.size() * (sizeof(float) + sizeof(std::int64_t))
                         : batch.dense.features.size() * sizeof(float);
}

bool is_kept(std::int64_t number, int level) {
  // The finaliser of SplitMix64: every bit of the number reaches every bit of the hash. Steele, Lea
  // and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
  auto hash = static_cast<std::uint64_t>(number) + 0x9E3779B97F4A7C15;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
  hash ^= hash >> 31;
  return (hash & ((std::uint64_t{1} << level) - 1)) == 0;
}

}  // namespace

void KeptRows::add(const TabularBatch& batch) {
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    const std::int64_t number = batch.first_row + row;
    if (!is_kept(number, level_)) continue;
    append(batch, row, number);
    while (bytes_ > max_bytes_ && level_ < kMaxLevel) thin();
  }
}

void KeptRows::append(const TabularBatch& batch, std::int64_t row, std::int64_t number) {
  if (batches_.empty() || batches_.back().is_sparse != batch.is_sparse ||
      bytes_of(batches_.back()) >= kBatchBytes) {
    batches_.emplace_back().clear(batch.is_sparse);
    numbers_.emplace_back();
  }
  batches_.back().append_features(batch, row);
  numbers_.back().push_back(number);
  bytes_ += bytes_of(batch, row);
}

std::vector<std::int64_t> KeptRows::rows_at(int level, std::size_t batch) const {
  MILLRACE_CHECK(level >= level_);
  std::vector<std::int64_t> rows;
  for (std::size_t row = 0; row < numbers_[batch].size(); ++row) {
    if (is_kept(numbers_[batch][row], level)) rows.push_back(static_cast<std::int64_t>(row));
  }
  return rows;
}

void KeptRows::thin() {
  ++level_;
  bytes_ = 0;
  std::vector<TabularBatch> batches = std::exchange(batches_, {});
  const std::vector<std::vector<std::int64_t>> numbers = std::exchange(numbers_, {});
  for (std::size_t i = 0; i < batches.size(); ++i) {
    for (std::size_t row = 0; row < numbers[i].size(); ++row) {
      if (is_kept(numbers[i][row], level_))
        append(batches[i], static_cast<std::int64_t>(row), numbers[i][row]);
    }
    batches[i] = {};
  }
}

}  // namespace millrace::kmeans
