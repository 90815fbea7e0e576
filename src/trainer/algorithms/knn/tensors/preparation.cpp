#include "trainer/algorithms/knn/tensors/preparation.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "trainer/algorithms/knn/tensors/distance.h"

namespace millrace::knn {
namespace {

/// Numbers that rows are written out in together (16 MiB).
constexpr std::int64_t kPartValues = std::int64_t{4} << 20;

std::int64_t features_of(const Metadata& metadata, std::int64_t dimension) {
  if (metadata.reduction) return metadata.reduction->input_dim;
  return metadata.features > 0 ? metadata.features : dimension;
}

}  // namespace

Preparation::Preparation(const Metadata& metadata, std::int64_t dimension)
    : features_(features_of(metadata, dimension)),
      dimension_(dimension),
      normalize_(metadata.normalize),
      projected_(metadata.reduction ? metadata.reduction->target_dim : features_) {
  if (projected_ > dimension || (metadata.features > 0 && metadata.features != features_)) {
    throw Error(Blame::Customer,
                Problem{.where = std::string(kMetadataFile),
                        .given = "vectors of " + std::to_string(projected_),
                        .expected = "vectors of " + std::to_string(dimension) + ", as " +
                                    std::string(kIndexFile) + " holds",
                        .fix = "Of the metadata, change k and predictor_type only."});
  }
  if (metadata.reduction) projection_.emplace(*metadata.reduction);
}

void Preparation::prepare(const TabularBatch& rows, const Take& take) const {
  const std::int64_t together = std::max<std::int64_t>(1, kPartValues / features_);
  const auto width = static_cast<std::size_t>(features_);
  TabularBatch part;
  for (std::int64_t begin = 0; begin < rows.rows(); begin += together) {
    const std::int64_t count = std::min(together, rows.rows() - begin);
    std::span<const float> features;
    if (rows.is_sparse) {
      part.clear(false);
      for (std::int64_t row = begin; row < begin + count; ++row) part.append(rows.row(row));
      features = part.dense.features;
    } else {
      features = std::span(rows.dense.features)
                     .subspan(static_cast<std::size_t>(begin) * width,
                              static_cast<std::size_t>(count) * width);
    }
    const bool as_they_are = !projection_ && !normalize_ && projected_ == dimension_;
    if (as_they_are) {
      take(begin, features);
    } else {
      take(begin, vectors_of(features));
    }
  }
}

std::vector<float> Preparation::vectors_of(std::span<const float> features) const {
  std::vector<float> vectors = projection_ ? projection_->apply(features)
                                           : std::vector<float>(features.begin(), features.end());
  if (projected_ < dimension_) {
    const auto from = static_cast<std::size_t>(projected_),
               to = static_cast<std::size_t>(dimension_);
    std::vector<float> padded(vectors.size() / from * to);
    for (std::size_t row = 0; row < vectors.size() / from; ++row)
      std::copy_n(vectors.data() + row * from, from, padded.data() + row * to);
    vectors = std::move(padded);
  }
  if (!normalize_) return vectors;
  for (float* row = vectors.data(); row < vectors.data() + vectors.size(); row += dimension_) {
    const double length = std::sqrt(inner_product(row, row, dimension_));
    if (length == 0) continue;
    for (std::int64_t i = 0; i < dimension_; ++i)
      row[i] = static_cast<float>(static_cast<double>(row[i]) / length);
  }
  return vectors;
}

}  // namespace millrace::knn
