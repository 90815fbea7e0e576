#include "trainer/algorithms/image_classification/hyperparameters.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::image_classification {
namespace {

using Values = std::map<std::string, std::string>;

const Values kSmall{{"num_layers", "20"},
                    {"image_shape", "3,28,28"},
                    {"num_classes", "10"},
                    {"num_training_samples", "100"}};

Hyperparameters parsed(Values changes) {
  changes.insert(kSmall.begin(), kSmall.end());
  return Hyperparameters::schema().parse(changes);
}

std::string refusal(const Values& changes) {
  try {
    (void)parsed(changes);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Hyperparameters, DefaultsAreThoseOfTheDeveloperGuide) {
  const Hyperparameters h =
      Hyperparameters::schema().parse({{"num_classes", "5"}, {"num_training_samples", "100"}});
  EXPECT_EQ(h.num_layers, 152);
  EXPECT_EQ(h.image_shape, (ImageShape{3, 224, 224}));
  EXPECT_EQ(h.epochs, 30);
  EXPECT_EQ(h.mini_batch_size, 32);
  EXPECT_EQ(h.optimizer, UpdateRule::Sgd);
  EXPECT_EQ(h.learning_rate, 0.1);
  EXPECT_EQ(h.momentum, 0.9);
  EXPECT_EQ(h.weight_decay, 0.0001);
  EXPECT_EQ(h.eps, 1e-8);
  EXPECT_EQ(h.lr_scheduler_factor, 0.1);
  EXPECT_EQ(h.early_stopping_min_epochs, 10);
  EXPECT_EQ(h.early_stopping_patience, 5);
  EXPECT_FALSE(h.early_stopping);
  EXPECT_FALSE(h.top_k);
}

TEST(Hyperparameters, ListsAndShapesAreRead) {
  const Hyperparameters h = parsed(
      {{"lr_scheduler_step", "10, 20"}, {"early_stopping", "True"}, {"optimizer", "\"adam\""}});
  EXPECT_EQ(h.lr_scheduler_step, (std::vector<std::int64_t>{10, 20}));
  EXPECT_TRUE(h.early_stopping);
  EXPECT_EQ(h.optimizer, UpdateRule::Adam);
  EXPECT_EQ(parsed({{"image_shape", "1, 28, 24"}}).image_shape, (ImageShape{1, 28, 24}));
  for (const char* shape : {"28,28", "2,28,28", "3,0,28", "3,28,28,1", "3,9000,28", "a,b,c", ""}) {
    EXPECT_NE(refusal({{"image_shape", shape}}), "accepted") << shape;
  }
  for (const char* steps : {"20,10", "10,", "0", "ten"})
    EXPECT_NE(refusal({{"lr_scheduler_step", steps}}), "accepted") << steps;
}

TEST(Hyperparameters, TheDepthMustFitTheHeight) {
  EXPECT_EQ(refusal({{"num_layers", "18"}}), "accepted") << "a job of the original's users";
  EXPECT_EQ(refusal({{"num_layers", "20"}, {"image_shape", "3,224,224"}}),
            "hyperparameter 'num_layers': got \"20\", expected one of 18,34,50,101,152,200, "
            "because image_shape has height 224. "
            "The others are for images of up to 28 rows.");
}

TEST(Hyperparameters, ValuesMustFitEachOther) {
  EXPECT_NE(
      refusal({{"resize", "20"}}).find("expected at least 28, the larger edge of image_shape"),
      std::string::npos);
  EXPECT_NE(refusal({{"epochs", "3"}, {"checkpoint_frequency", "4"}})
                .find("expected a whole number from 1 to epochs (3)"),
            std::string::npos);
  EXPECT_NE(refusal({{"top_k", "11"}}).find("expected at most num_classes (10)"),
            std::string::npos);
}

TEST(Hyperparameters, ABatchMustFitTheMemory) {
  EXPECT_EQ(
      refusal({{"image_shape", "3,224,224"}, {"num_layers", "18"}, {"mini_batch_size", "2000"}}),
      "hyperparameter 'mini_batch_size': got \"2000\", expected at most 1783 images of "
      "image_shape 3,224,224: each takes 602 kB, and a batch may take 1.1 GB. Lower "
      "mini_batch_size, or make image_shape smaller.");
  EXPECT_EQ(
      refusal({{"image_shape", "3,224,224"}, {"num_layers", "18"}, {"mini_batch_size", "1783"}}),
      "accepted");
  EXPECT_EQ(
      refusal({{"image_shape", "3,8192,8192"}, {"num_layers", "18"}, {"mini_batch_size", "1"}}),
      "accepted");
}

TEST(Hyperparameters, AnOptimiserThatWouldDivideByZeroIsRefused) {
  EXPECT_EQ(refusal({{"optimizer", "adam"}, {"beta_1", "1"}}),
            "hyperparameter 'beta_1': got \"1\", expected a number below 1 for adam, which divides "
            "by 1 - beta_1^t. Leave it out to use 0.9.");
  EXPECT_NE(refusal({{"optimizer", "adam"}, {"beta_2", "1"}}), "accepted");
  EXPECT_NE(refusal({{"optimizer", "adam"}, {"eps", "0"}}), "accepted");
  EXPECT_NE(refusal({{"optimizer", "rmsprop"}, {"eps", "0"}}), "accepted");
  EXPECT_EQ(refusal({{"optimizer", "sgd"}, {"beta_1", "1"}, {"eps", "0"}}), "accepted");
}

TEST(Hyperparameters, WhatThisVersionCannotDoIsRefusedByName) {
  EXPECT_EQ(refusal({{"precision_dtype", "float16"}})
                .find("hyperparameter 'precision_dtype': got \"float16\", expected float32"),
            0U);
}

TEST(Hyperparameters, SeveralLabelsHaveNoTopKAndOneLabelHasNoWeights) {
  EXPECT_TRUE(parsed({{"multi_label", "1"}, {"use_weighted_loss", "1"}}).use_weighted_loss);
  EXPECT_EQ(refusal({{"multi_label", "1"}, {"top_k", "2"}}),
            "hyperparameter 'top_k': got \"2\", expected no value, because multi_label is 1: it is "
            "about the one class of an image. Leave it out.");
  EXPECT_EQ(refusal({{"use_weighted_loss", "1"}}),
            "hyperparameter 'use_weighted_loss': got \"1\", expected 0, because multi_label is 0. "
            "Set multi_label to 1 where images have several labels, or leave it out.");
}

TEST(Hyperparameters, PretrainedWeightsAreOfOneShape) {
  EXPECT_EQ(refusal({{"use_pretrained_model", "1"}}),
            "hyperparameter 'image_shape': got \"3,28,28\", expected 3,224,224 with "
            "use_pretrained_model, whose weights are of that shape. Leave image_shape out, or set "
            "use_pretrained_model to 0.");
  EXPECT_EQ(
      refusal({{"use_pretrained_model", "1"}, {"image_shape", "3,224,224"}, {"num_layers", "50"}}),
      "accepted");
}

TEST(Hyperparameters, ColoursAreVariedWhereThereAreSome) {
  EXPECT_EQ(refusal({{"augmentation_type", "crop_color_transform"}}), "accepted");
  EXPECT_EQ(refusal({{"augmentation_type", "crop_color"}, {"image_shape", "1,28,28"}})
                .find("hyperparameter 'augmentation_type': got \"crop_color\", expected none or "
                      "crop, because image_shape has one channel"),
            0U);
}

TEST(Hyperparameters, ThePrefixIsAPlainFileName) {
  EXPECT_EQ(parsed({{"model_prefix", "my-model_1.0"}}).model_prefix, "my-model_1.0");
  EXPECT_EQ(parsed({{"model_prefix", ""}}).model_prefix, "image-classification");
  for (const char* prefix : {"../x", "a/b", ".hidden"})
    EXPECT_NE(refusal({{"model_prefix", prefix}}), "accepted") << prefix;
}

}  // namespace
}  // namespace millrace::image_classification
