#include "trainer/algorithms/pca/tensors/sketch.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/base/error.h"
#include "trainer/algorithms/pca/tensors/solver_threads.h"

namespace millrace::pca {
namespace {

/// Eigenvalues of R^T W below this share of the largest are rounding errors of float32.
constexpr double kRankTolerance = 1e-6;

/// Rows of a product that one thread takes at least.
constexpr std::int64_t kLinesOfAThread = 64;

at::Tensor random_signs(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  at::Tensor signs = at::empty({rows, columns}, at::kFloat);
  std::mt19937_64 random(seed);
  float* const out = signs.data_ptr<float>();
  std::uint64_t bits = 0;
  for (std::int64_t at = 0; at < signs.numel(); ++at, bits >>= 1) {
    if (at % 64 == 0) bits = random();
    out[at] = (bits & 1) != 0 ? 1.0F : -1.0F;
  }
  return signs;
}

/// Rows of a block: few enough that float32 adds up no more than it can, and that wide rows take
/// no more memory than the sketch; enough that adding a block's products takes no time beside them.
std::int64_t block_rows(std::int64_t features) {
  constexpr std::int64_t kValues = std::int64_t{1} << 19, kFewest = 64, kMost = 2048;
  return std::clamp(kValues / features, kFewest, kMost);
}

}  // namespace

Sketch::Sketch(std::int64_t features, std::int64_t columns, std::uint64_t seed)
    : Moments(features, block_rows(features)),
      columns_(columns),
      random_(random_signs(features, columns, seed)),
      products_(at::zeros({features, columns}, at::kDouble)) {}

void Sketch::add_block(std::span<const float> rows, std::int64_t count) {
  centred_.resize(rows.size());
  centre_block(rows, count, centred_.data());
  const at::Tensor block = at::from_blob(centred_.data(), {count, features()}, at::kFloat);
  // Each thread has products of its own: threads that share one wait for each other within it.
  at::Tensor sketched = at::empty({count, columns_}, at::kFloat);
  at::parallel_for(0, count, kLinesOfAThread, [&](std::int64_t from, std::int64_t to) {
    at::Tensor lines = sketched.slice(0, from, to);
    at::mm_out(lines, block.slice(0, from, to), random_);
  });
  at::parallel_for(0, features(), kLinesOfAThread, [&](std::int64_t from, std::int64_t to) {
    products_.slice(0, from, to).add_(at::mm(block.slice(1, from, to).t(), sketched));
  });
}

void Sketch::add_sparse(const SparseBatch& batch) {
  const auto wide = static_cast<std::size_t>(columns_);
  const float* const random = random_.data_ptr<float>();
  double* const products = products_.data_ptr<double>();
  // Each thread has columns of its own, so that the order of the sums is that of the rows.
  at::parallel_for(0, columns_, 8, [&](std::int64_t from, std::int64_t to) {
    const auto begin = static_cast<std::size_t>(from);
    std::vector<double> sketched(static_cast<std::size_t>(to - from));
    for (std::size_t row = 0; row < static_cast<std::size_t>(batch.rows); ++row) {
      const auto first = static_cast<std::size_t>(batch.row_starts[row]);
      const auto end = static_cast<std::size_t>(batch.row_starts[row + 1]);
      std::fill(sketched.begin(), sketched.end(), 0.0);
      for (std::size_t i = first; i < end; ++i) {
        const float* const signs =
            random + static_cast<std::size_t>(batch.indices[i]) * wide + begin;
        const auto value = static_cast<double>(batch.values[i]);
        for (std::size_t j = 0; j < sketched.size(); ++j)
          sketched[j] += value * static_cast<double>(signs[j]);
      }
      for (std::size_t i = first; i < end; ++i) {
        double* const sums = products + static_cast<std::size_t>(batch.indices[i]) * wide + begin;
        const auto value = static_cast<double>(batch.values[i]);
        for (std::size_t j = 0; j < sketched.size(); ++j) sums[j] += value * sketched[j];
      }
    }
  });
}

std::vector<double> Sketch::sketched(std::span<const double> values) const {
  const float* signs = random_.data_ptr<float>();
  std::vector<double> sums(static_cast<std::size_t>(columns_));
  for (const double value : values) {
    for (double& sum : sums) sum += value * static_cast<double>(*signs++);
  }
  return sums;
}

void Sketch::move(std::span<const double> shift) {
  // sum (y - d)(y - d)^T R = W - s (d^T R) - d (s^T R) + n d (d^T R)
  const std::vector<double> shift_sketched = sketched(shift), sum_sketched = sketched(sums());
  const auto count = static_cast<double>(summed_rows());
  const auto wide = static_cast<std::size_t>(columns_);
  double* products = products_.data_ptr<double>();
  for (std::size_t i = 0; i < shift.size(); ++i, products += wide) {
    const double mine = count * shift[i] - sums()[i];
    for (std::size_t j = 0; j < wide; ++j)
      products[j] += mine * shift_sketched[j] - shift[i] * sum_sketched[j];
  }
}

void Sketch::sum_over(Cluster& cluster) {
  cluster.sum(
      std::span<double>(products_.data_ptr<double>(), static_cast<std::size_t>(products_.numel())));
}

void Sketch::decompose(std::int64_t components, Decomposition& found) {
  if (!at::isfinite(products_).all().item<bool>()) {
    throw Error(Blame::Customer,
                Problem{.where = "channel 'train'",
                        .given = "values whose squares add up to infinity in float32",
                        .expected = "values below about 1e16",
                        .fix = "Scale the features down, or set algorithm_mode to regular."});
  }
  const SolverThreads threads(columns_);
  at::Tensor core = at::mm(random_.to(at::kDouble).t(), products_);
  core = (core + core.t()) / 2;
  const auto [values, vectors] = at::linalg_eigh(core, "L");
  // A pseudo-inverse: directions without rows stay out of it, and come back as components of
  // singular value 0.
  const double floor = kRankTolerance * values.max().item<double>();
  const at::Tensor inverse_roots = at::where(
      values > std::max(floor, 0.0), values.clamp_min(floor).rsqrt(), at::zeros_like(values));
  const at::Tensor factor = at::mm(products_, vectors * inverse_roots);
  products_ = at::Tensor();
  const auto [left, singular, right] = at::linalg_svd(factor, /*full_matrices=*/false);
  const at::Tensor strongest = left.slice(1, 0, components).flip(1).to(at::kFloat).contiguous();
  const at::Tensor ascending = singular.slice(0, 0, components).flip(0).to(at::kFloat);
  found.vectors.assign(strongest.data_ptr<float>(),
                       strongest.data_ptr<float>() + strongest.numel());
  found.singular_values.assign(ascending.data_ptr<float>(),
                               ascending.data_ptr<float>() + components);
}

}  // namespace millrace::pca
