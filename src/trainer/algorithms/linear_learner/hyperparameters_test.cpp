#include "trainer/algorithms/linear_learner/hyperparameters.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.h"

namespace millrace::linear_learner {
namespace {

using Settings = std::map<std::string, std::string>;

std::string refusal(Settings settings) {
  settings.try_emplace("predictor_type", "regressor");
  try {
    (void)Hyperparameters::schema().parse(settings);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Hyperparameters, AreThoseOfTheDeveloperGuide) {
  for (const char* name : {"predictor_type",
                           "num_classes",
                           "feature_dim",
                           "accuracy_top_k",
                           "balance_multiclass_weights",
                           "beta_1",
                           "beta_2",
                           "bias_lr_mult",
                           "bias_wd_mult",
                           "binary_classifier_model_selection_criteria",
                           "early_stopping_patience",
                           "early_stopping_tolerance",
                           "epochs",
                           "f_beta",
                           "huber_delta",
                           "init_bias",
                           "init_method",
                           "init_scale",
                           "init_sigma",
                           "l1",
                           "learning_rate",
                           "loss",
                           "loss_insensitivity",
                           "lr_scheduler_factor",
                           "lr_scheduler_minimum_lr",
                           "lr_scheduler_step",
                           "margin",
                           "mini_batch_size",
                           "momentum",
                           "normalize_data",
                           "normalize_label",
                           "num_calibration_samples",
                           "num_models",
                           "num_point_for_scaler",
                           "optimizer",
                           "positive_example_weight_mult",
                           "quantile",
                           "target_precision",
                           "target_recall",
                           "unbias_data",
                           "unbias_label",
                           "use_bias",
                           "use_lr_scheduler",
                           "wd"}) {
    const std::vector<FieldSpec>& fields = Hyperparameters::schema().fields();
    EXPECT_TRUE(std::any_of(fields.begin(), fields.end(), [&](const FieldSpec& field) {
      return field.name == name;
    })) << name;
  }
}

TEST(Hyperparameters, WhatTheSdkSendsIsAccepted) {
  EXPECT_EQ(refusal({{"predictor_type", "binary_classifier"},
                     {"feature_dim", "784"},
                     {"mini_batch_size", "1000"},
                     {"binary_classifier_model_selection_criteria", "f1"},
                     {"positive_example_weight_mult", "balanced"},
                     {"use_bias", "True"},
                     {"num_models", "auto"},
                     {"learning_rate", "auto"},
                     {"normalize_data", "auto"},
                     {"loss", "auto"},
                     {"optimizer", "auto"},
                     {"_kvstore", "dist_sync"},
                     {"_log_level", "info"}}),
            "accepted");
}

TEST(Hyperparameters, OpenEndsAreOpen) {
  for (const char* name :
       {"quantile", "target_recall", "target_precision", "lr_scheduler_factor"}) {
    EXPECT_EQ(refusal({{name, "0.5"}}), "accepted") << name;
    for (const char* end : {"0", "1"}) EXPECT_NE(refusal({{name, end}}), "accepted") << name;
  }
  for (const char* name : {"momentum", "beta_1", "beta_2"}) {
    EXPECT_EQ(refusal({{name, "0"}}), "accepted") << name;
    EXPECT_NE(refusal({{name, "1"}}), "accepted") << name;
  }
  for (const char* name : {"positive_example_weight_mult", "init_scale", "f_beta", "bias_lr_mult"})
    EXPECT_NE(refusal({{name, "0"}}), "accepted") << name;
}

TEST(Hyperparameters, LossesBelongToTheirPredictor) {
  EXPECT_EQ(
      refusal({{"loss", "hinge_loss"}}),
      "hyperparameter 'loss': got \"hinge_loss\", expected auto, squared_loss, absolute_loss, "
      "eps_insensitive_squared_loss, eps_insensitive_absolute_loss, quantile_loss or "
      "huber_loss. These are the losses of a regressor.");
  EXPECT_NE(refusal({{"predictor_type", "binary_classifier"}, {"loss", "squared_loss"}}),
            "accepted");
  EXPECT_NE(refusal({{"predictor_type", "multiclass_classifier"},
                     {"num_classes", "3"},
                     {"loss", "logistic"}}),
            "accepted");
}

TEST(Hyperparameters, AMulticlassJobTellsItsClasses) {
  EXPECT_EQ(refusal({{"predictor_type", "multiclass_classifier"}}),
            "hyperparameter 'num_classes': expected a whole number from 3 to 1000000, because "
            "predictor_type is multiclass_classifier. Set it to the largest label plus one.");
  EXPECT_NE(refusal({{"predictor_type", "multiclass_classifier"}, {"num_classes", "2"}}),
            "accepted");
}

TEST(Hyperparameters, WithoutABiasNothingCanBeCentred) {
  EXPECT_NE(refusal({{"use_bias", "false"}, {"unbias_data", "true"}}).find("use_bias is false"),
            std::string::npos);
  EXPECT_EQ(refusal({{"use_bias", "false"}, {"unbias_data", "auto"}}), "accepted");
}

}  // namespace
}  // namespace millrace::linear_learner
