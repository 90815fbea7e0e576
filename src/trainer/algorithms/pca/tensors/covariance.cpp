#include "trainer/algorithms/pca/tensors/covariance.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "trainer/algorithms/pca/tensors/solver_threads.h"

namespace millrace::pca {
namespace {

/// The upper triangle is cut into panels of rows: with p of them (p + 1) / 2p of the whole product
/// is computed. Panels of fewer rows than this would no longer run at full speed.
constexpr std::int64_t kMinPanel = 64;
constexpr std::int64_t kMostPairs = 4;

/// Rows of a block: its values stay in a core's outer cache, but every block reads and writes the
/// whole matrix once, which must not take longer than the products.
std::int64_t block_rows(std::int64_t features) {
  constexpr std::int64_t kValues = std::int64_t{1} << 19, kFewest = 16, kMost = 2048;
  return std::clamp(std::max(kValues / features, features / 8), kFewest, kMost);
}

}  // namespace

Covariance::Covariance(std::int64_t features)
    : Moments(features, block_rows(features)),
      products_(at::zeros({features, features}, at::kDouble)) {}

void Covariance::add_block(std::span<const float> rows, std::int64_t count) {
  const std::int64_t width = features();
  centred_.resize(rows.size());
  centre_block(rows, count, centred_.data());
  const at::Tensor block = at::from_blob(centred_.data(), {count, width}, at::kDouble);
  // A long panel and a short one make a pair, all pairs alike. Each is one thread's: threads that
  // share every product wait for each other at every one.
  const std::int64_t pairs = std::clamp<std::int64_t>(
      width / (2 * kMinPanel), 1, std::max<std::int64_t>(kMostPairs, at::get_num_threads()));
  const std::int64_t panels = 2 * pairs;
  at::parallel_for(0, pairs, 1, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t pair = from; pair < to; ++pair) {
      for (const std::int64_t panel : {pair, panels - 1 - pair}) {
        const std::int64_t begin = panel * width / panels, end = (panel + 1) * width / panels;
        if (begin == end) continue;
        products_.slice(0, begin, end)
            .slice(1, begin)
            .addmm_(block.slice(1, begin, end).t(), block.slice(1, begin));
      }
    }
  });
}

void Covariance::add_sparse(const SparseBatch& batch) {
  const auto width = static_cast<std::size_t>(features());
  double* const products = products_.data_ptr<double>();
  // Each thread has matrix rows of its own, so that the order of the sums is that of the rows.
  const auto threads = static_cast<std::size_t>(at::get_num_threads());
  at::parallel_for(
      0, static_cast<std::int64_t>(threads), 1, [&](std::int64_t from, std::int64_t to) {
        for (std::size_t row = 0; row < static_cast<std::size_t>(batch.rows); ++row) {
          const auto end = static_cast<std::size_t>(batch.row_starts[row + 1]);
          for (auto i = static_cast<std::size_t>(batch.row_starts[row]); i < end; ++i) {
            const auto column = static_cast<std::size_t>(batch.indices[i]);
            const std::size_t owner = column % threads;
            if (owner < static_cast<std::size_t>(from) || owner >= static_cast<std::size_t>(to))
              continue;
            double* const sums = products + column * width;
            const auto value = static_cast<double>(batch.values[i]);
            for (std::size_t j = i; j < end; ++j)
              sums[static_cast<std::size_t>(batch.indices[j])] +=
                  value * static_cast<double>(batch.values[j]);
          }
        }
      });
}

void Covariance::move(std::span<const double> shift) {
  // sum (y - d)(y - d)^T = sum y y^T - s d^T - d s^T + n d d^T
  const auto width = static_cast<std::size_t>(features());
  const auto count = static_cast<double>(summed_rows());
  const std::span<const double> sum = sums();
  double* const products = products_.data_ptr<double>();
  at::parallel_for(0, features(), 1, [&](std::int64_t from, std::int64_t to) {
    for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) {
      const double mine = count * shift[i] - sum[i];
      for (std::size_t j = i; j < width; ++j)
        products[i * width + j] += mine * shift[j] - shift[i] * sum[j];
    }
  });
}

void Covariance::sum_over(Cluster& cluster) {
  cluster.sum(
      std::span<double>(products_.data_ptr<double>(), static_cast<std::size_t>(products_.numel())));
}

void Covariance::decompose(std::int64_t components, Decomposition& found) {
  const SolverThreads threads(features());
  auto [values, vectors] = at::linalg_eigh(products_, "U");
  products_ = at::Tensor();
  const at::Tensor strongest =
      vectors.slice(1, features() - components).to(at::kFloat).contiguous();
  const float* const entries = strongest.data_ptr<float>();
  found.vectors.assign(entries, entries + strongest.numel());
  const double* const last = values.data_ptr<double>() + features() - components;
  for (std::int64_t j = 0; j < components; ++j)
    found.singular_values.push_back(static_cast<float>(std::sqrt(std::max(0.0, last[j]))));
}

}  // namespace millrace::pca
