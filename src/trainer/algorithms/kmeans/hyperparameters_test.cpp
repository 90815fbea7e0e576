#include "trainer/algorithms/kmeans/hyperparameters.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::kmeans {
namespace {

using Settings = std::map<std::string, std::string>;

Hyperparameters parsed(const Settings& changes) {
  Settings settings{{"k", "8"}, {"feature_dim", "7"}};
  for (const auto& [name, value] : changes) settings[name] = value;
  return Hyperparameters::schema().parse(settings);
}

std::string refusal(const Settings& changes) {
  try {
    (void)parsed(changes);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(Hyperparameters, DefaultsAreThoseOfTheDeveloperGuide) {
  const Hyperparameters h = parsed({});
  EXPECT_EQ(h.epochs, 1);
  EXPECT_EQ(h.eval_metrics, std::vector{EvalMetric::Msd});
  EXPECT_FALSE(h.extra_center_factor);
  EXPECT_EQ(h.half_life_time_size, 0);
  EXPECT_EQ(h.init_method, InitMethod::Random);
  EXPECT_EQ(h.local_lloyd_init_method, InitMethod::PlusPlus);
  EXPECT_EQ(h.local_lloyd_max_iter, 300);
  EXPECT_FALSE(h.local_lloyd_num_trials);
  EXPECT_EQ(h.local_lloyd_tol, 0.0001);
  EXPECT_EQ(h.mini_batch_size, 5000);
}

TEST(Hyperparameters, WhatTheSdkSendsIsAccepted) {
  const Hyperparameters h = parsed({{"init_method", "kmeans++"},
                                    {"local_lloyd_max_iter", "30"},
                                    {"local_lloyd_tol", "0.01"},
                                    {"local_lloyd_num_trials", "5"},
                                    {"local_lloyd_init_method", "random"},
                                    {"half_life_time_size", "100"},
                                    {"epochs", "2"},
                                    {"extra_center_factor", "4"},
                                    {"eval_metrics", R"(["ssd", "msd", "ssd"])"},
                                    {"mini_batch_size", "500"},
                                    {"force_dense", "True"},
                                    {"_num_gpus", "auto"}});
  EXPECT_EQ(h.init_method, InitMethod::PlusPlus);
  EXPECT_EQ(h.local_lloyd_init_method, InitMethod::Random);
  EXPECT_EQ(h.extra_center_factor, 4);
  EXPECT_EQ(h.local_lloyd_num_trials, 5);
  EXPECT_EQ(h.eval_metrics, (std::vector{EvalMetric::Ssd, EvalMetric::Msd}));
}

TEST(Hyperparameters, WhatIsOutOfRangeIsRefused) {
  for (const auto& [name, value] : Settings{{"k", "0"},
                                            {"feature_dim", "0"},
                                            {"epochs", "0"},
                                            {"extra_center_factor", "0"},
                                            {"half_life_time_size", "-1"},
                                            {"init_method", "k-means++"},
                                            {"local_lloyd_init_method", "auto"},
                                            {"local_lloyd_max_iter", "0"},
                                            {"local_lloyd_num_trials", "0"},
                                            {"local_lloyd_tol", "1.5"},
                                            {"mini_batch_size", "0"},
                                            {"seed", "-1"}}) {
    EXPECT_NE(refusal({{name, value}}).find("hyperparameter '" + name + "': got \"" + value),
              std::string::npos)
        << refusal({{name, value}});
  }
  for (const char* list : {"msd", "[msd]", R"(["mse"])", "[]", R"({"msd":1})", "[1]", ""}) {
    EXPECT_NE(refusal({{"eval_metrics", list}}).find("hyperparameter 'eval_metrics'"),
              std::string::npos)
        << list;
  }
}

TEST(Hyperparameters, RequiredOnesAreNamedWhereTheyAreMissing) {
  try {
    (void)Hyperparameters::schema().parse({});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("hyperparameter 'k'"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("hyperparameter 'feature_dim'"), std::string::npos);
  }
}

}  // namespace
}  // namespace millrace::kmeans
