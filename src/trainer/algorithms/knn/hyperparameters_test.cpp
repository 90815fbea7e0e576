#include "trainer/algorithms/knn/hyperparameters.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::knn {
namespace {

using Values = std::map<std::string, std::string>;

Values required(const Values& more = {}) {
  Values values{{"k", "5"}, {"predictor_type", "classifier"}, {"sample_size", "100"}};
  for (const auto& [name, value] : more) values[name] = value;
  return values;
}

std::string refusal(const Values& values) {
  try {
    (void)Hyperparameters::schema().parse(values);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Hyperparameters, DefaultsAreThoseOfTheContainer) {
  const Hyperparameters h = Hyperparameters::schema().parse(required());
  EXPECT_FALSE(h.feature_dim);
  EXPECT_FALSE(h.dimension_reduction_type);
  EXPECT_EQ(h.index_type, IndexType::Flat);
  EXPECT_EQ(h.index_metric, IndexMetric::L2);
  EXPECT_FALSE(h.faiss_index_ivf_nlists);
  EXPECT_EQ(h.mini_batch_size, 5000);
  EXPECT_EQ(h.epochs, 1);
  EXPECT_EQ(h.nprobe, 5);
}

TEST(Hyperparameters, EveryOneOfThemIsRead) {
  const Hyperparameters h = Hyperparameters::schema().parse({{"feature_dim", "20"},
                                                             {"k", "7"},
                                                             {"predictor_type", "regressor"},
                                                             {"sample_size", "1000"},
                                                             {"dimension_reduction_type", "fjlt"},
                                                             {"dimension_reduction_target", "10"},
                                                             {"index_type", "faiss.IVFPQ"},
                                                             {"index_metric", "L2"},
                                                             {"faiss_index_ivf_nlists", "12"},
                                                             {"faiss_index_pq_m", "96"},
                                                             {"mini_batch_size", "33"},
                                                             {"epochs", "1"},
                                                             {"_faiss_index_nprobe", "9"},
                                                             {"seed", "4"}});
  EXPECT_EQ(h.feature_dim, 20);
  EXPECT_EQ(h.k, 7);
  EXPECT_EQ(h.predictor_type, PredictorType::Regressor);
  EXPECT_EQ(h.sample_size, 1000);
  EXPECT_EQ(h.dimension_reduction_type, ReductionType::Fjlt);
  EXPECT_EQ(h.dimension_reduction_target, 10);
  EXPECT_EQ(h.index_type, IndexType::IvfPq);
  EXPECT_EQ(h.faiss_index_ivf_nlists, 12);
  EXPECT_EQ(h.faiss_index_pq_m, 96);
  EXPECT_EQ(h.mini_batch_size, 33);
  EXPECT_EQ(h.nprobe, 9);
  EXPECT_EQ(h.seed, 4);
}

TEST(Hyperparameters, RefusesWhatIsMissingOrOutOfRange) {
  for (const char* name : {"k", "predictor_type", "sample_size"}) {
    Values values = required();
    values.erase(name);
    EXPECT_NE(refusal(values).find("hyperparameter '" + std::string(name) + "'"),
              std::string::npos);
  }
  for (const auto& [name, value] : Values{{"k", "0"},
                                          {"predictor_type", "binary_classifier"},
                                          {"sample_size", "0"},
                                          {"feature_dim", "0"},
                                          {"index_type", "faiss.HNSW"},
                                          {"index_metric", "L1"},
                                          {"faiss_index_ivf_nlists", "0"},
                                          {"faiss_index_pq_m", "5"},
                                          {"mini_batch_size", "0"},
                                          {"dimension_reduction_type", "pca"},
                                          {"dimension_reduction_target", "0"}}) {
    EXPECT_NE(refusal(required({{name, value}}))
                  .find("hyperparameter '" + name + "': got \"" + value + "\""),
              std::string::npos)
        << name;
  }
}

TEST(Hyperparameters, RefusesWhatDoesNotGoTogether) {
  EXPECT_NE(refusal(required({{"dimension_reduction_type", "sign"}}))
                .find("'dimension_reduction_target': expected a number of dimensions"),
            std::string::npos);
  EXPECT_NE(refusal(required({{"dimension_reduction_target", "3"}}))
                .find("'dimension_reduction_type': expected 'sign' or 'fjlt'"),
            std::string::npos);
  EXPECT_NE(refusal(required({{"dimension_reduction_type", "sign"},
                              {"dimension_reduction_target", "8"},
                              {"feature_dim", "8"}}))
                .find("got \"8\", expected below 8"),
            std::string::npos);
  EXPECT_NE(refusal(required({{"index_type", "faiss.IVFPQ"}})).find("'faiss_index_pq_m'"),
            std::string::npos);
  EXPECT_NE(refusal(required({{"index_type", "faiss.IVFPQ"},
                              {"faiss_index_pq_m", "4"},
                              {"index_metric", "COSINE"}}))
                .find("'index_metric': got \"COSINE\", expected L2"),
            std::string::npos);
}

}  // namespace
}  // namespace millrace::knn
