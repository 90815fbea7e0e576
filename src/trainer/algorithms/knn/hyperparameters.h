#pragma once

#include <cstdint>
#include <optional>

#include "core/schema/schema.h"

namespace millrace::knn {

enum class PredictorType { Classifier, Regressor };
enum class ReductionType { Sign, Fjlt };
enum class IndexType { Flat, IvfFlat, IvfPq };
enum class IndexMetric { L2, InnerProduct, Cosine };

/// Defaults live here and nowhere else; names, limits and prose live in schema(). An empty optional
/// is "auto" or, where there is no auto, unset.
struct Hyperparameters {
  std::optional<std::int64_t> feature_dim;
  std::int64_t k{};
  PredictorType predictor_type{};
  std::int64_t sample_size{};  // rows, of all hosts
  std::optional<ReductionType> dimension_reduction_type;
  std::optional<std::int64_t> dimension_reduction_target;
  IndexType index_type = IndexType::Flat;
  IndexMetric index_metric = IndexMetric::L2;
  std::optional<std::int64_t> faiss_index_ivf_nlists;
  std::optional<std::int64_t> faiss_index_pq_m;
  std::int64_t mini_batch_size = 5000;  // rows of a host
  std::int64_t epochs = 1;
  std::int64_t nprobe = 5;  // lists
  std::int64_t seed = 0;

  static const Schema<Hyperparameters>& schema();
};

/// What the model's metadata and the settings call the kinds of predictor and of reduction.
std::string_view name_of(PredictorType type);
std::string_view name_of(ReductionType type);

/// Throws Error(Customer) where dimension_reduction_target is not below the features of the rows.
void require_reducible(const Hyperparameters& h, std::int64_t columns);

}  // namespace millrace::knn
