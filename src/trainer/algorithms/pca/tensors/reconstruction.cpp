#include "trainer/algorithms/pca/tensors/reconstruction.h"

#include <torch/types.h>

#include <algorithm>

namespace millrace::pca {
namespace {

/// A tensor over values that outlive it and that no one writes to.
at::Tensor view(const std::vector<float>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat);
}

}  // namespace

void Reconstruction::add(const TabularBatch& batch) {
  sums_[0] += batch.is_sparse ? sparse_error(batch) : dense_error(batch.dense);
  sums_[1] += static_cast<double>(batch.rows()) * static_cast<double>(model_.features);
}

double Reconstruction::dense_error(const DenseBatch& batch) const {
  at::Tensor rows = view(batch.features, {batch.rows, batch.columns});
  if (!model_.mean.empty()) rows = rows - view(model_.mean, {model_.features});
  const at::Tensor vectors = view(model_.vectors, {model_.features, model_.components});
  const at::Tensor error = rows - at::mm(at::mm(rows, vectors), vectors.t());
  return error.square_().sum(at::kDouble).item<double>();
}

/// By Pythagoras, since a sparse row's reconstruction is not sparse: what is not in the projection
/// is the error.
double Reconstruction::sparse_error(const TabularBatch& batch) const {
  double mean_square = 0;
  for (const float value : model_.mean)
    mean_square += static_cast<double>(value) * static_cast<double>(value);
  double squares = static_cast<double>(batch.rows()) * mean_square;
  for (std::size_t at = 0; at < batch.sparse.values.size(); ++at) {
    const auto value = static_cast<double>(batch.sparse.values[at]);
    const double mean =
        model_.mean.empty()
            ? 0.0
            : static_cast<double>(model_.mean[static_cast<std::size_t>(batch.sparse.indices[at])]);
    squares += value * (value - 2 * mean);
  }
  for (const float value : model_.project(batch))
    squares -= static_cast<double>(value) * static_cast<double>(value);
  return std::max(0.0, squares);
}

}  // namespace millrace::pca
