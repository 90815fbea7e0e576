#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "trainer/tabular/tabular_batch.h"

namespace millrace::pca {

/// A trained model as it is saved. Components stand in ascending order: the last is the strongest.
struct PcaModel {
  std::int64_t features = 0;
  std::int64_t components = 0;
  std::vector<float> vectors;          ///< [features, components], orthonormal columns
  std::vector<float> singular_values;  ///< [components], of the data matrix, ascending
  std::vector<float> mean;             ///< [features]; empty where no mean is subtracted

  /// (row - mean) * vectors of each row: [rows, components].
  [[nodiscard]] std::vector<float> project(const TabularBatch& rows) const;
};

inline constexpr const char* kModelFile = "model_algo-1";

/// Writes the model to `directory`: an NDArray list of "v", "s" and, where a mean is subtracted,
/// "mean" [1, features].
void write_model(const std::filesystem::path& directory, const PcaModel& model);

/// Reads it back from `model.tar.gz` or the directory it was packed from. Throws Error(Customer)
/// for anything else.
PcaModel read_model(const std::filesystem::path& path);

}  // namespace millrace::pca
