#include "trainer/algorithms/random_cut_forest/hyperparameters.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::random_cut_forest {
namespace {

using Settings = std::map<std::string, std::string>;

Hyperparameters parsed(Settings settings) {
  settings.try_emplace("feature_dim", "3");
  return Hyperparameters::schema().parse(settings);
}

std::string refusal(Settings settings) {
  try {
    (void)parsed(std::move(settings));
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Hyperparameters, DefaultsAreTheDocumentedOnes) {
  const Hyperparameters h = parsed({});
  EXPECT_EQ(h.num_trees, 100);
  EXPECT_EQ(h.num_samples_per_tree, 256);
  EXPECT_EQ(h.mini_batch_size, 1000);
  EXPECT_TRUE(h.eval_metrics.accuracy && h.eval_metrics.precision_recall_fscore);
  EXPECT_EQ(h.partition, Partition::Contiguous);
  EXPECT_NE(refusal({{"feature_dim", ""}}), "accepted");
  EXPECT_THROW((void)Hyperparameters::schema().parse({}), Error);
}

TEST(Hyperparameters, LimitsAreTheDocumentedOnes) {
  for (const auto& [name, least, most] : {std::tuple{"feature_dim", 1, 10'000},
                                          {"num_trees", 50, 1000},
                                          {"num_samples_per_tree", 1, 2048},
                                          {"mini_batch_size", 1000, 1000}}) {
    EXPECT_EQ(refusal({{name, std::to_string(least)}}), "accepted");
    EXPECT_EQ(refusal({{name, std::to_string(most)}}), "accepted");
    EXPECT_NE(refusal({{name, std::to_string(least - 1)}}).find(name), std::string::npos);
    EXPECT_NE(refusal({{name, std::to_string(most + 1)}}).find(name), std::string::npos);
  }
}

TEST(Hyperparameters, EvalMetricsAreAListInAnyOfItsForms) {
  for (const char* text : {R"(["accuracy"])", "accuracy", "['accuracy']", R"([ "accuracy" ])"}) {
    const EvalMetrics metrics = parsed({{"eval_metrics", text}}).eval_metrics;
    EXPECT_TRUE(metrics.accuracy && !metrics.precision_recall_fscore) << text;
  }
  const EvalMetrics both =
      parsed({{"eval_metrics", "precision_recall_fscore, accuracy"}}).eval_metrics;
  EXPECT_EQ(both, EvalMetrics{});
  for (const char* text : {"f1", "[]", "accuracy,", R"(["accuracy" "f1"])"}) {
    EXPECT_NE(refusal({{"eval_metrics", text}}).find("a list of 'accuracy' and "),
              std::string::npos)
        << text;
  }
}

TEST(Hyperparameters, ValuesPrintedReadBack) {
  const auto& schema = Hyperparameters::schema();
  const Hyperparameters h = parsed({{"eval_metrics", "accuracy"}, {"partition", "shuffled"}});
  EXPECT_EQ(schema.values_of(schema.parse(schema.values_of(h))), schema.values_of(h));
}

}  // namespace
}  // namespace millrace::random_cut_forest
