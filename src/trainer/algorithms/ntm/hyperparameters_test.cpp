#include "trainer/algorithms/ntm/hyperparameters.h"

#include <gtest/gtest.h>

#include <cmath>

namespace millrace::ntm {
namespace {

using Values = std::map<std::string, std::string>;
const Values kRequired{{"feature_dim", "2000"}, {"num_topics", "20"}};

Hyperparameters parsed(Values values) {
  values.insert(kRequired.begin(), kRequired.end());
  return Hyperparameters::schema().parse(values);
}

std::string refusal(const Values& values) {
  try {
    parsed(values);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Hyperparameters, DefaultsAreTheContainers) {
  const Hyperparameters h = parsed({});
  EXPECT_EQ(h.layers(), (std::vector<std::int64_t>{60, 40}));
  EXPECT_EQ(h.optimizer, UpdateRule::AdaDelta);
  EXPECT_EQ(h.encoder_layers_activation, Activation::Sigmoid);
  EXPECT_EQ(h.learning_rate, 0.01);
  EXPECT_EQ(h.epochs, 50);
  EXPECT_EQ(h.mini_batch_size, 256);
  EXPECT_EQ(h.num_patience_epochs, 3);
  EXPECT_EQ(h.tolerance, 0.001);
  EXPECT_TRUE(std::isinf(h.clip_gradient));
  EXPECT_FALSE(h.batch_norm);
}

TEST(Hyperparameters, LayersAreAListInTheFormsThatClientsSend) {
  const std::vector<std::int64_t> expected{60, 40, 10};
  for (const char* text : {"60,40,10", "60, 40, 10", "[60, 40, 10]", "\"60,40,10\""})
    EXPECT_EQ(parsed({{"encoder_layers", text}}).layers(), expected) << text;
  EXPECT_EQ(parsed({{"encoder_layers", "auto"}}).layers().size(), 2U);
  for (const char* text : {"", "60,", "0", "-3", "2.5", "[60", "1000000000"})
    EXPECT_NE(refusal({{"encoder_layers", text}}).find("hyperparameter 'encoder_layers'"),
              std::string::npos)
        << text;
}

TEST(Hyperparameters, LimitsAreTheDocumentedOnes) {
  const auto refused = [](const char* name, const char* value) {
    return refusal({{name, value}}).find(std::string("hyperparameter '") + name + "'") !=
           std::string::npos;
  };
  EXPECT_TRUE(refused("feature_dim", "0"));
  EXPECT_TRUE(refused("feature_dim", "1000001"));
  EXPECT_TRUE(refused("num_topics", "1"));
  EXPECT_TRUE(refused("num_topics", "1001"));
  EXPECT_TRUE(refused("clip_gradient", "0.0001"));
  EXPECT_TRUE(refused("clip_gradient", "nan"));
  EXPECT_TRUE(std::isinf(parsed({{"clip_gradient", "inf"}}).clip_gradient));
  EXPECT_EQ(parsed({{"clip_gradient", "0.5"}}).clip_gradient, 0.5);
  EXPECT_TRUE(refused("learning_rate", "0"));
  EXPECT_TRUE(refused("learning_rate", "1.5"));
  EXPECT_TRUE(refused("mini_batch_size", "10001"));
  EXPECT_TRUE(refused("rescale_gradient", "0"));
  EXPECT_TRUE(refused("sub_sample", "1.1"));
  EXPECT_TRUE(refused("tolerance", "0.2"));
  EXPECT_TRUE(refused("weight_decay", "-1"));
  EXPECT_TRUE(refused("num_patience_epochs", "0"));
  EXPECT_EQ(refusal({{"_kvstore", "auto"}, {"batch_norm", "true"}}), "accepted");
}

TEST(Hyperparameters, AModelThatCannotBeSavedIsRefusedBeforeItIsTrained) {
  const std::string text = refusal({{"feature_dim", "1000000"}, {"num_topics", "1000"}});
  EXPECT_NE(text.find("weights in all"), std::string::npos) << text;
  EXPECT_EQ(refusal({{"feature_dim", "1000000"}}), "accepted");
}

}  // namespace
}  // namespace millrace::ntm
