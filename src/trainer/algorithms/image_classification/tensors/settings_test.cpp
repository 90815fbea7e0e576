#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "codec/image.h"
#include "core/base/error.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"
#include "core/io/file.h"
#include "trainer/algorithms/image_classification/algorithm.h"
#include "trainer/algorithms/image_classification/hyperparameters.h"
#include "trainer/algorithms/image_classification/tensors/tensor_algorithm.h"
#include "trainer/job/job_folder.h"

namespace millrace::image_classification {
namespace {

using Settings = std::map<std::string, std::string>;

/// 16 images of 12 x 12, each half of which tells its class; the third is cut off if `broken`.
std::string records(bool broken) {
  StringSink sink;
  RecordIoWriter writer(sink);
  for (int i = 0; i < 16; ++i) {
    Image image{.width = 12, .height = 12, .channels = 3, .pixels = {}};
    for (int at = 0; at < 12 * 12 * 3; ++at) {
      const bool bright = (at / 36 < 6) == (i % 2 == 0);
      image.pixels.push_back(static_cast<std::uint8_t>((bright ? 190 : 20) + (i * 7 + at) % 40));
    }
    std::string png = encode_png(image);
    if (broken && i == 2) png.resize(png.size() / 2);
    ImageRecord record;
    record.labels = {static_cast<float>(i % 2)};
    record.image = png;
    writer.write(format_image_record(record));
  }
  return sink.text();
}

/// What a job leaves: its model, or why it was refused, and its log without times.
struct Outcome {
  std::map<std::string, std::string> model;
  std::string refusal;
  std::string log;
};

Outcome outcome_of(const Settings& changes, bool broken = false) {
  Settings all{{"num_layers", "20"},           {"image_shape", "3,10,10"}, {"num_classes", "2"},
               {"num_training_samples", "16"}, {"mini_batch_size", "8"},   {"epochs", "2"},
               {"learning_rate", "0.02"}};
  for (const auto& [name, value] : changes) all[name] = value;
  JobFolder folder(all);
  std::vector<std::string> channels{"train"};
  // With it the best epoch is kept, which would hide what the others change.
  if (changes.contains("early_stopping")) channels.emplace_back("validation");
  for (const std::string& channel : channels)
    folder.add_channel({.name = channel, .content_type = "application/x-recordio"},
                       {{"a.rec", records(broken)}});
  Outcome outcome;
  testing::internal::CaptureStdout();
  try {
    Job job(folder.paths(), {});
    algorithm().check(job);
    train(job);
  } catch (const Error& error) {
    outcome.refusal = error.what();
  }
  outcome.log = testing::internal::GetCapturedStdout();
  for (const auto& entry : std::filesystem::directory_iterator(folder.paths().model()))
    outcome.model[entry.path().filename().string()] = read_file(entry.path());
  return outcome;
}

bool has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

/// One hyperparameter that is set to `value`, in a job with the settings `with`. It must change the
/// model; or, where words are given, bring them into the log or the refusal, where they are not
/// without it.
struct Row {
  std::string name;
  std::string value;
  Settings with = {};
  std::string logged = {};
  std::string refused = {};
  bool broken = false;
};

const std::vector<Row>& rows() {
  static const Settings stopping{{"epochs", "6"},
                                 {"early_stopping", "True"},
                                 {"early_stopping_min_epochs", "1"},
                                 {"early_stopping_patience", "1"},
                                 {"early_stopping_tolerance", "1"}};
  static const Settings steps{{"epochs", "3"}, {"lr_scheduler_step", "1"}};
  static const Settings adam{{"optimizer", "adam"}, {"learning_rate", "0.001"}};
  static const Settings rmsprop{{"optimizer", "rmsprop"}, {"learning_rate", "0.001"}};
  static const std::vector<Row> all{
      {.name = "num_layers", .value = "32"},
      {.name = "num_classes", .value = "3"},
      {.name = "num_training_samples", .value = "8", .with = steps},
      {.name = "image_shape", .value = "3,9,10"},
      {.name = "augmentation_type", .value = "crop"},
      {.name = "augmentation_type", .value = "crop_color"},
      {.name = "augmentation_type", .value = "crop_color_transform"},
      {.name = "resize", .value = "11"},
      {.name = "epochs", .value = "1"},
      {.name = "mini_batch_size", .value = "4"},
      {.name = "optimizer", .value = "nag"},
      {.name = "optimizer", .value = "adam"},
      {.name = "optimizer", .value = "rmsprop"},
      {.name = "learning_rate", .value = "0.03"},
      {.name = "momentum", .value = "0.5"},
      {.name = "weight_decay", .value = "0.1"},
      {.name = "beta_1", .value = "0.5", .with = adam},
      {.name = "beta_2", .value = "0.5", .with = adam},
      {.name = "eps", .value = "0.1", .with = adam},
      {.name = "eps", .value = "0.1", .with = rmsprop},
      {.name = "gamma", .value = "0.5", .with = rmsprop},
      {.name = "lr_scheduler_step", .value = "1"},
      {.name = "lr_scheduler_factor", .value = "0.5", .with = steps},
      {.name = "kv_store",
       .value = "dist_sync",
       .logged = "kv_store dist_sync is for several instances; on one it changes nothing"},
      {.name = "checkpoint_frequency", .value = "1"},
      {.name = "early_stopping", .value = "False", .with = stopping},
      {.name = "early_stopping_min_epochs",
       .value = "4",
       .with = stopping,
       .logged = "Early stopping after epoch 3:"},
      {.name = "early_stopping_patience",
       .value = "3",
       .with = stopping,
       .logged = "no improvement in 3 epochs"},
      {.name = "early_stopping_tolerance",
       .value = "0",
       .with = {{"epochs", "12"},
                {"early_stopping", "True"},
                {"early_stopping_min_epochs", "1"},
                {"early_stopping_patience", "5"},
                {"early_stopping_tolerance", "1"}},
       .logged = "Epoch[6] Train-accuracy="},
      {.name = "multi_label",
       .value = "1",
       .refused = "a 0 or a 1 for each class, because multi_label is 1"},
      {.name = "use_weighted_loss", .value = "1", .refused = "hyperparameter 'use_weighted_loss'"},
      {.name = "use_pretrained_model",
       .value = "1",
       .with = {{"num_layers", "18"}, {"image_shape", "3,224,224"}},
       .refused = "hyperparameter 'use_pretrained_model'"},
      {.name = "precision_dtype",
       .value = "float16",
       .refused = "hyperparameter 'precision_dtype'"},
      {.name = "precision_dtype",
       .value = "bfloat16",
       .refused = "hyperparameter 'precision_dtype'"},
      {.name = "top_k", .value = "2", .logged = "Epoch[0] Train-top_k_accuracy_2="},
      {.name = "model_prefix", .value = "other"},
      {.name = "max_broken_images",
       .value = "0.1",
       .logged = "Left out 1 of 16 images of channel 'train': they are broken",
       .broken = true},
      {.name = "seed", .value = "1"},
  };
  return all;
}

TEST(Settings, EachHyperparameterActsOrIsRefusedByName) {
  std::map<Settings, Outcome> without;
  for (const Row& row : rows()) {
    const std::string what = row.name + "=" + row.value;
    Settings with = row.with;
    if (!without.contains(with) || row.broken) without[with] = outcome_of(with, row.broken);
    const Outcome& before = without[with];
    with[row.name] = row.value;
    const Outcome after = outcome_of(with, row.broken);
    if (!row.refused.empty()) {
      EXPECT_TRUE(has(after.refusal, row.refused)) << what << ": " << after.refusal;
      EXPECT_FALSE(has(before.refusal, row.refused)) << what;
      continue;
    }
    EXPECT_EQ(after.refusal, "") << what;
    if (row.logged.empty()) {
      EXPECT_TRUE(after.model != before.model) << what << " changes no byte of the model";
    } else {
      EXPECT_TRUE(has(after.log, row.logged)) << what << ": " << after.log;
      EXPECT_FALSE(has(before.log, row.logged)) << what;
    }
  }
}

TEST(Settings, NoHyperparameterIsLeftOutOfTheTable) {
  std::set<std::string> tried;
  for (const Row& row : rows()) tried.insert(row.name);
  for (const FieldSpec& field : Hyperparameters::schema().fields())
    EXPECT_TRUE(tried.contains(field.name)) << field.name;
}

TEST(Settings, AnEmptyPrefixIsTheUsualOne) {
  EXPECT_TRUE(outcome_of({{"model_prefix", ""}}).model == outcome_of({}).model);
}

}  // namespace
}  // namespace millrace::image_classification
