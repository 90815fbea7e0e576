#include "trainer/algorithms/knn/hyperparameters.h"

#include <string>

#include "core/base/error.h"

namespace millrace::knn {
namespace {

using H = Hyperparameters;

/// Widest row that is indexed: four bytes a feature, 400 MB a row.
constexpr std::int64_t kMaxFeatures = 100'000'000;
constexpr std::int64_t kMaxBatchRows = 100'000'000;

Problem problem(std::string_view name, std::string given, std::string expected, std::string fix) {
  return {.where = "hyperparameter '" + std::string(name) + "'",
          .given = std::move(given),
          .expected = std::move(expected),
          .fix = std::move(fix)};
}

std::optional<Problem> reduction_is_whole(const H& h) {
  if (h.dimension_reduction_type && !h.dimension_reduction_target) {
    return problem("dimension_reduction_target", {},
                   "a number of dimensions, because dimension_reduction_type is set",
                   "Set it to a number below the features of a row.");
  }
  if (h.dimension_reduction_target && !h.dimension_reduction_type) {
    return problem("dimension_reduction_type", {},
                   "'sign' or 'fjlt', because dimension_reduction_target is set",
                   "Set it, or leave dimension_reduction_target out.");
  }
  return std::nullopt;
}

std::optional<Problem> target_is_below(const H& h, std::int64_t columns) {
  if (!h.dimension_reduction_target || *h.dimension_reduction_target < columns) return std::nullopt;
  return problem("dimension_reduction_target", std::to_string(*h.dimension_reduction_target),
                 "below " + std::to_string(columns) + ", the features of a row",
                 "Lower it, or leave both settings of the dimension reduction out.");
}

std::optional<Problem> target_is_below_feature_dim(const H& h) {
  return h.feature_dim ? target_is_below(h, *h.feature_dim) : std::nullopt;
}

std::optional<Problem> quantiser_is_whole(const H& h) {
  if (h.index_type != IndexType::IvfPq) return std::nullopt;
  if (!h.faiss_index_pq_m) {
    return problem("faiss_index_pq_m", {},
                   "a number of sub-vectors, because index_type is faiss.IVFPQ",
                   "Set it to a divisor of the dimension, such as 4.");
  }
  if (h.index_metric == IndexMetric::L2) return std::nullopt;
  return problem("index_metric", H::schema().values_of(h).at("index_metric"),
                 "L2, because index_type is faiss.IVFPQ",
                 "Leave index_metric out, or use faiss.Flat or faiss.IVFFlat.");
}

const std::vector<std::pair<std::string, PredictorType>> kPredictors{
    {"classifier", PredictorType::Classifier}, {"regressor", PredictorType::Regressor}};
const std::vector<std::pair<std::string, ReductionType>> kReductions{{"sign", ReductionType::Sign},
                                                                     {"fjlt", ReductionType::Fjlt}};

template <class T>
std::string_view name_in(const std::vector<std::pair<std::string, T>>& names, T value) {
  for (const auto& [name, known] : names) {
    if (known == value) return name;
  }
  return {};
}

}  // namespace

std::string_view name_of(PredictorType type) {
  return name_in(kPredictors, type);
}
std::string_view name_of(ReductionType type) {
  return name_in(kReductions, type);
}

void require_reducible(const H& h, std::int64_t columns) {
  if (const auto problem = target_is_below(h, columns)) throw Error(Blame::Customer, *problem);
}

const Schema<H>& H::schema() {
  static const Schema<H> schema = [] {
    std::vector<std::pair<std::string, std::int64_t>> sub_vectors;
    for (const std::int64_t m : {1, 2, 3, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96})
      sub_vectors.emplace_back(std::to_string(m), m);
    return Schema<H>("knn")
        .number("feature_dim", &H::feature_dim, between(1, kMaxFeatures),
                "Features of a row; auto takes them from the data.", Auto)
        .number("k", &H::k, at_least(1), "Neighbours that are asked.", Required, Tunable(1, 1024))
        .choice("predictor_type", &H::predictor_type, kPredictors,
                "What becomes of the neighbours' labels: the most frequent, or the mean.", Required)
        .number("sample_size", &H::sample_size, at_least(1),
                "Rows that are kept as the model, drawn at random where there are more.", Required,
                Tunable(256, 20'000'000))
        .choice("dimension_reduction_type", &H::dimension_reduction_type, kReductions,
                "Project rows at random onto fewer dimensions: by a matrix of signs, or by the "
                "fast Johnson-Lindenstrauss transform, which is quicker for a large target.")
        .number("dimension_reduction_target", &H::dimension_reduction_target,
                between(1, kMaxFeatures), "Dimensions after the projection.")
        .choice("index_type", &H::index_type,
                {{"faiss.Flat", IndexType::Flat},
                 {"faiss.IVFFlat", IndexType::IvfFlat},
                 {"faiss.IVFPQ", IndexType::IvfPq}},
                "How neighbours are found: exactly; in the nearest of many lists of rows; the "
                "same, of rows kept in a few bytes.")
        .choice("index_metric", &H::index_metric,
                {{"L2", IndexMetric::L2},
                 {"INNER_PRODUCT", IndexMetric::InnerProduct},
                 {"COSINE", IndexMetric::Cosine}},
                "What makes rows near: a small distance, or a large (normalised) inner product.")
        .number("faiss_index_ivf_nlists", &H::faiss_index_ivf_nlists, between(1, 100'000'000),
                "Lists of an IVF index; auto is the square root of the rows in it.", Auto)
        .choice("faiss_index_pq_m", &H::faiss_index_pq_m, std::move(sub_vectors),
                "Bytes that faiss.IVFPQ keeps a row in, one for each of so many parts of it.")
        .number("mini_batch_size", &H::mini_batch_size, between(1, kMaxBatchRows),
                "Rows that are read, and later searched for, together.")
        .number("epochs", &H::epochs, at_least(1),
                "Accepted for the original's sake: one pass shows every row.")
        .number("_faiss_index_nprobe", &H::nprobe, between(1, 100'000'000),
                "Lists of an IVF index that a query looks into.")
        .number("seed", &H::seed, between(0, 9'007'199'254'740'992),
                "The sample, the projection and the lists follow from it; not in the original "
                "service.")
        .rule(reduction_is_whole)
        .rule(target_is_below_feature_dim)
        .rule(quantiser_is_whole);
  }();
  return schema;
}

}  // namespace millrace::knn
