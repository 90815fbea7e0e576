#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace millrace::kmeans {

/// Points in feature space: a model's centres, or the rows that they are made from.
struct Centres {
  std::int64_t features = 0;
  std::vector<float> values;  ///< [count, features]

  [[nodiscard]] std::int64_t count() const {
    return features == 0 ? 0 : static_cast<std::int64_t>(values.size()) / features;
  }
  [[nodiscard]] const float* row(std::int64_t number) const {
    return values.data() + number * features;
  }
};

inline constexpr std::string_view kModelFile = "model_algo-1";

/// Writes `model_algo-1`: an MXNet NDArray list of one unnamed float32 array [k, features].
/// Replaces the file as a whole.
void write_model(const std::filesystem::path& directory, const Centres& centres);

/// From model.tar.gz or the directory it was made of. Throws Error(Customer) naming what is missing
/// or damaged.
Centres read_model(const std::filesystem::path& path);

}  // namespace millrace::kmeans
