#include "trainer/algorithms/pca/pca_model.h"

#include <string>
#include <utility>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/data/ndarray_list.h"
#include "core/io/file.h"
#include "trainer/tabular/model_files.h"

namespace millrace::pca {
namespace {

constexpr const char* kVectors = "v";
constexpr const char* kSingularValues = "s";
constexpr const char* kMean = "mean";

/// sums[j] += value * row_of_vectors[j]
void add_scaled(double value, const float* vectors, std::vector<double>& sums) {
  for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += value * static_cast<double>(vectors[j]);
}

}  // namespace

std::vector<float> PcaModel::project(const TabularBatch& rows) const {
  MILLRACE_CHECK(rows.columns() == features);
  const auto width = static_cast<std::size_t>(features),
             wide = static_cast<std::size_t>(components);
  // A sparse row is projected by the values it stores; the mean's own projection comes off after.
  std::vector<double> offset(wide);
  if (rows.is_sparse) {
    for (std::size_t i = 0; i < mean.size(); ++i)
      add_scaled(-static_cast<double>(mean[i]), vectors.data() + i * wide, offset);
  }
  std::vector<float> projections;
  projections.reserve(static_cast<std::size_t>(rows.rows()) * wide);
  std::vector<double> sums;
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows.rows()); ++row) {
    sums = offset;
    if (rows.is_sparse) {
      const auto end = static_cast<std::size_t>(rows.sparse.row_starts[row + 1]);
      for (auto at = static_cast<std::size_t>(rows.sparse.row_starts[row]); at < end; ++at) {
        add_scaled(static_cast<double>(rows.sparse.values[at]),
                   vectors.data() + static_cast<std::size_t>(rows.sparse.indices[at]) * wide, sums);
      }
    } else {
      const float* const values = rows.dense.features.data() + row * width;
      for (std::size_t i = 0; i < width; ++i) {
        const double off = mean.empty() ? 0.0 : static_cast<double>(mean[i]);
        add_scaled(static_cast<double>(values[i]) - off, vectors.data() + i * wide, sums);
      }
    }
    for (const double sum : sums) projections.push_back(static_cast<float>(sum));
  }
  return projections;
}

void write_model(const std::filesystem::path& directory, const PcaModel& model) {
  std::vector<NamedArray> arrays{
      {.name = kVectors, .shape = {model.features, model.components}, .values = model.vectors},
      {.name = kSingularValues, .shape = {model.components}, .values = model.singular_values}};
  if (!model.mean.empty())
    arrays.push_back({.name = kMean, .shape = {1, model.features}, .values = model.mean});
  StringSink bytes;
  write_ndarray_list(bytes, arrays);
  std::filesystem::create_directories(directory);
  write_file_durably(directory / kModelFile, bytes.text());
}

PcaModel read_model(const std::filesystem::path& path) {
  PcaModel model;
  for (NamedArray& array :
       read_ndarray_list(read_model_file(path, kModelFile, "pca"), kModelFile)) {
    if (array.name == kVectors && array.shape.size() == 2) {
      model.features = array.shape[0];
      model.components = array.shape[1];
      model.vectors = std::move(array.values);
    } else if (array.name == kSingularValues) {
      model.singular_values = std::move(array.values);
    } else if (array.name == kMean) {
      model.mean = std::move(array.values);
    }
  }
  const bool fits = model.features > 0 && model.components > 0 &&
                    std::cmp_equal(model.singular_values.size(), model.components) &&
                    (model.mean.empty() || std::cmp_equal(model.mean.size(), model.features));
  if (fits) return model;
  throw Error(Blame::Customer,
              Problem{.where = kModelFile,
                      .given = {},
                      .expected = "arrays v [features, components], s [components] and, where a "
                                  "mean is subtracted, mean [features]",
                      .fix = "Use the model.tar.gz of a pca job."});
}

}  // namespace millrace::pca
