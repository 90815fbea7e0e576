#include "trainer/algorithms/pca/tensors/moments.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"

namespace millrace::pca {
namespace {

/// Columns that one thread takes at least.
constexpr std::int64_t kColumnsOfAThread = 64;
/// Rows from which a batch is a block itself and need not be copied into one.
constexpr std::int64_t kRowsOfABlock = 256;
/// Sparse batches with more than one value in so many go through matrix products, whose
/// multiplications are this much cheaper.
constexpr std::int64_t kDenseFrom = 8;

bool is_thin(const SparseBatch& batch) {
  return static_cast<std::int64_t>(batch.values.size()) * kDenseFrom <= batch.rows * batch.columns;
}

/// Appends rows [begin, end) to `block`, written out.
void append_rows(const TabularBatch& batch, std::int64_t begin, std::int64_t end,
                 std::vector<float>& block) {
  const std::int64_t width = batch.columns();
  if (!batch.is_sparse) {
    const auto first = batch.dense.features.begin();
    block.insert(block.end(), first + begin * width, first + end * width);
    return;
  }
  for (std::int64_t row = begin; row < end; ++row) {
    const std::size_t start = block.size();
    block.resize(start + static_cast<std::size_t>(width));
    const auto last =
        static_cast<std::size_t>(batch.sparse.row_starts[static_cast<std::size_t>(row) + 1]);
    for (auto i = static_cast<std::size_t>(batch.sparse.row_starts[static_cast<std::size_t>(row)]);
         i < last; ++i)
      block[start + static_cast<std::size_t>(batch.sparse.indices[i])] = batch.sparse.values[i];
  }
}

/// The largest entry of each column becomes positive: the sign of a component is free, and a free
/// choice would depend on the machine.
void fix_signs(std::vector<float>& vectors, std::size_t components) {
  for (std::size_t j = 0; j < components; ++j) {
    float largest = 0;
    for (std::size_t at = j; at < vectors.size(); at += components)
      if (std::abs(vectors[at]) > std::abs(largest)) largest = vectors[at];
    if (largest >= 0) continue;
    for (std::size_t at = j; at < vectors.size(); at += components) vectors[at] = -vectors[at];
  }
}

void require_finite(std::span<const float> values) {
  if (std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
    return;
  throw Error(Blame::Customer, Problem{.where = "channel 'train'",
                                       .given = "values whose squares add up to infinity",
                                       .expected = "values of which float32 can hold the sum",
                                       .fix = "Scale the features down."});
}

}  // namespace

Moments::Moments(std::int64_t features, std::int64_t block_rows)
    : features_(features),
      origin_(static_cast<std::size_t>(features)),
      sums_(static_cast<std::size_t>(features)),
      squares_(static_cast<std::size_t>(features)),
      block_rows_(block_rows) {}

void Moments::add(const TabularBatch& batch) {
  if (batch.rows() == 0) return;
  if (!scatters_) scatters_ = batch.is_sparse && is_thin(batch.sparse);
  if (*scatters_) {
    add_sparse_sums(batch.sparse);
    add_sparse(batch.sparse);
    rows_ += batch.sparse.rows;
    return;
  }
  if (!batch.is_sparse && pending_ == 0 && batch.rows() >= std::min(kRowsOfABlock, block_rows_)) {
    const std::int64_t blocks = (batch.rows() + block_rows_ - 1) / block_rows_;
    for (std::int64_t block = 0; block < blocks; ++block) {
      const std::int64_t begin = block * batch.rows() / blocks,
                         end = (block + 1) * batch.rows() / blocks;
      sum_block(std::span(batch.dense.features)
                    .subspan(static_cast<std::size_t>(begin * features_),
                             static_cast<std::size_t>((end - begin) * features_)),
                end - begin);
    }
    return;
  }
  for (std::int64_t row = 0; row < batch.rows();) {
    const std::int64_t end = std::min(batch.rows(), row + block_rows_ - pending_);
    append_rows(batch, row, end, block_);
    pending_ += end - row;
    row = end;
    if (pending_ == block_rows_) flush();
  }
}

void Moments::flush() {
  if (pending_ == 0) return;
  sum_block(block_, pending_);
  pending_ = 0;
  block_.clear();
}

void Moments::sum_block(std::span<const float> rows, std::int64_t count) {
  const auto width = static_cast<std::size_t>(features_);
  if (!has_origin_) {
    has_origin_ = true;
    std::vector<double> means(width);
    for (std::size_t at = 0; at < rows.size(); ++at)
      means[at % width] += static_cast<double>(rows[at]);
    for (std::size_t i = 0; i < width; ++i)
      origin_[i] = static_cast<float>(means[i] / static_cast<double>(count));
  }
  add_block(rows, count);
  rows_ += count;
}

template <class T>
void Moments::centre_block(std::span<const float> rows, std::int64_t count, T* out) {
  const auto width = static_cast<std::size_t>(features_);
  at::parallel_for(0, features_, kColumnsOfAThread, [&](std::int64_t from, std::int64_t to) {
    const auto begin = static_cast<std::size_t>(from), mine = static_cast<std::size_t>(to - from);
    const float* const origin = origin_.data() + begin;
    double* const sums = sums_.data() + begin;
    double* const squares = squares_.data() + begin;
    for (std::size_t row = 0; row < static_cast<std::size_t>(count); ++row) {
      const float* const in = rows.data() + row * width + begin;
      T* const moved = out + row * width + begin;
      for (std::size_t i = 0; i < mine; ++i)
        moved[i] = static_cast<T>(in[i]) - static_cast<T>(origin[i]);
      for (std::size_t i = 0; i < mine; ++i) {
        const auto value = static_cast<double>(moved[i]);
        sums[i] += value;
        squares[i] += value * value;
      }
    }
  });
}

template void Moments::centre_block(std::span<const float>, std::int64_t, float*);
template void Moments::centre_block(std::span<const float>, std::int64_t, double*);

void Moments::add_sparse_sums(const SparseBatch& batch) {
  for (std::size_t at = 0; at < batch.values.size(); ++at) {
    const auto column = static_cast<std::size_t>(batch.indices[at]);
    const auto value = static_cast<double>(batch.values[at]);
    sums_[column] += value;
    squares_[column] += value * value;
  }
}

Decomposition Moments::finish(Cluster& cluster, std::int64_t components, bool centre) {
  flush();
  const auto width = static_cast<std::size_t>(features_);
  const auto mine = static_cast<double>(rows_);
  std::vector<double> means(width + 1);
  for (std::size_t i = 0; i < width; ++i)
    means[i] = mine * static_cast<double>(origin_[i]) + sums_[i];
  means[width] = mine;
  cluster.sum(means);
  Decomposition found;
  found.rows = static_cast<std::int64_t>(means[width]);
  for (std::size_t i = 0; i < width; ++i) {
    means[i] /= std::max(1.0, means[width]);
    found.mean.push_back(static_cast<float>(means[i]));
  }
  // Each host has an origin of its own; from here on all have the same.
  std::vector<double> shift(width);
  std::vector<double> variance{0};
  for (std::size_t i = 0; i < width; ++i) {
    shift[i] = (centre ? means[i] : 0.0) - static_cast<double>(origin_[i]);
    variance[0] += squares_[i] + shift[i] * (mine * shift[i] - 2 * sums_[i]);
  }
  move(shift);
  cluster.sum(variance);
  sum_over(cluster);
  decompose(components, found);
  fix_signs(found.vectors, static_cast<std::size_t>(components));
  for (const auto& values : {found.vectors, found.singular_values, found.mean})
    require_finite(values);
  double held = 0;
  for (const float value : found.singular_values)
    held += static_cast<double>(value) * static_cast<double>(value);
  // Rows that are all alike have no variance to miss.
  found.explained = variance[0] > 0 ? std::min(1.0, held / variance[0]) : 1.0;
  return found;
}

}  // namespace millrace::pca
