#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trainer/algorithms/knn/hyperparameters.h"

namespace millrace::knn {

/// A model's three files: the index, the label of each of its rows (float32, little-endian), and
/// what else there is to know.
inline constexpr std::string_view kIndexFile = "model_algo-1";
inline constexpr std::string_view kLabelsFile = "model_algo-1.labels";
inline constexpr std::string_view kMetadataFile = "model_algo-1.json";

/// A random projection, which its seed rebuilds.
struct Reduction {
  ReductionType type = ReductionType::Sign;
  std::uint64_t seed = 0;
  std::int64_t target_dim = 0;
  std::int64_t input_dim = 0;

  bool operator==(const Reduction&) const = default;
};

/// `model_algo-1.json`. A user may change k and predictor_type in it: predictions then follow.
///
///     {"k": 5, "predictor_type": "classifier", "dimension_reduction": {"type": "sign", "seed": 3,
///      "target_dim": 10, "input_dim": 20}, "normalize": false, "feature_dim": 20, "version":
///      "1.0"}
struct Metadata {
  std::int64_t k = 1;
  PredictorType predictor = PredictorType::Classifier;
  std::optional<Reduction> reduction;  ///< null in the file where there is none
  bool normalize = false;              ///< vectors are brought to length 1: COSINE
  std::int64_t features = 0;  ///< of a row; 0: not told, then what the reduction or the index takes

  bool operator==(const Metadata&) const = default;
};

std::string format_metadata(const Metadata& metadata);
/// Throws Error(Customer) naming the member that is missing or wrong.
Metadata parse_metadata(std::string_view text);

std::string format_labels(std::span<const float> labels);
/// Throws Error(Customer) where there are other than `rows` of them.
std::vector<float> parse_labels(std::string_view bytes, std::int64_t rows);

}  // namespace millrace::knn
