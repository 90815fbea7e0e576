#include "trainer/algorithms/pca/hyperparameters.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::pca {
namespace {

using Settings = std::map<std::string, std::string>;

Settings with(const Settings& changes) {
  Settings settings{{"feature_dim", "784"}, {"mini_batch_size", "500"}, {"num_components", "50"}};
  for (const auto& [name, value] : changes) settings[name] = value;
  return settings;
}

Hyperparameters parsed(const Settings& changes) {
  return Hyperparameters::schema().parse(with(changes));
}

std::string refusal(const Settings& settings) {
  try {
    (void)Hyperparameters::schema().parse(settings);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Hyperparameters, HaveTheDefaultsOfTheDeveloperGuide) {
  const Hyperparameters h = parsed({});
  EXPECT_EQ(h.algorithm_mode, Mode::Regular);
  EXPECT_TRUE(h.subtract_mean);
  EXPECT_EQ(h.extra_components, -1);
}

TEST(Hyperparameters, WhatTheSdkSendsIsAccepted) {
  EXPECT_EQ(refusal(with({{"algorithm_mode", "randomized"},
                          {"subtract_mean", "True"},
                          {"extra_components", "-1"},
                          {"force_dense", "True"},
                          {"epochs", "1"},
                          {"_kvstore", "dist_sync"}})),
            "accepted");
}

TEST(Hyperparameters, ThreeHaveToBeGiven) {
  for (const char* name : {"feature_dim", "mini_batch_size", "num_components"}) {
    Settings settings = with({});
    settings.erase(name);
    EXPECT_NE(refusal(settings).find("hyperparameter '" + std::string(name) + "'"),
              std::string::npos);
    for (const char* value : {"0", "-1", "1.5"})
      EXPECT_NE(refusal(with({{name, value}})), "accepted") << name << " " << value;
  }
  EXPECT_NE(refusal(with({{"extra_components", "-2"}})), "accepted");
  EXPECT_NE(refusal(with({{"algorithm_mode", "exact"}})), "accepted");
}

TEST(Hyperparameters, ThereAreNoMoreComponentsThanFeatures) {
  EXPECT_EQ(refusal(with({{"num_components", "784"}})), "accepted");
  EXPECT_EQ(refusal(with({{"num_components", "785"}})),
            "hyperparameter 'num_components': got \"785\", expected at most 784, the feature_dim. "
            "Rows of so many features have no more components.");
}

TEST(Hyperparameters, TheSketchIsTwiceTheComponentsAskedFor) {
  EXPECT_EQ(parsed({}).sketch_columns(), 200);
  EXPECT_EQ(parsed({{"num_components", "3"}}).sketch_columns(), 26);
  EXPECT_EQ(parsed({{"extra_components", "0"}}).sketch_columns(), 100);
  EXPECT_EQ(parsed({{"extra_components", "7"}}).sketch_columns(), 114);
}

TEST(Hyperparameters, ASketchAsWideAsTheRowsIsNotTaken) {
  EXPECT_FALSE(parsed({}).sketches());
  EXPECT_TRUE(parsed({{"algorithm_mode", "randomized"}}).sketches());
  EXPECT_FALSE(parsed({{"algorithm_mode", "randomized"}, {"feature_dim", "200"}}).sketches());
}

}  // namespace
}  // namespace millrace::pca
