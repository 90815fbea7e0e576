#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "codec/image.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"
#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/tensors/training_for_test.h"
#include "trainer/job/job_folder.h"

namespace millrace::image_classification {
namespace {

namespace fs = std::filesystem;
using Settings = std::map<std::string, std::string>;

/// Grey images of 12 x 12 whose brightness, and a part of whose rows, tell the class.
std::string records(int count, int classes) {
  StringSink sink;
  RecordIoWriter writer(sink);
  for (int i = 0; i < count; ++i) {
    Image image{.width = 12, .height = 12, .channels = 1, .pixels = {}};
    const int label = i % classes;
    for (int at = 0; at < 144; ++at) {
      const bool bright = at / 12 * classes / 12 == label;
      image.pixels.push_back(static_cast<std::uint8_t>((bright ? 190 : 20) + (i * 7 + at) % 40));
    }
    const std::string png = encode_png(image);
    ImageRecord record;
    record.labels = {static_cast<float>(label)};
    record.id = static_cast<std::uint64_t>(i);
    record.image = png;
    writer.write(format_image_record(record));
  }
  return sink.text();
}

Settings settings(const Settings& changes = {}) {
  Settings all{{"num_layers", "20"},           {"image_shape", "3,12,12"}, {"num_classes", "2"},
               {"num_training_samples", "16"}, {"mini_batch_size", "8"},   {"epochs", "4"},
               {"learning_rate", "0.02"},      {"lr_scheduler_step", "2"}};
  for (const auto& [name, value] : changes) all[name] = value;
  return all;
}

void add_images(JobFolder& folder, int classes = 2) {
  for (const char* channel : {"train", "validation"})
    folder.add_channel({.name = channel, .content_type = "application/x-recordio"},
                       {{"a.rec", records(16, classes)}});
}

TEST(Training, AnInterruptedJobEndsWithTheModelOfOneThatWasNot) {
  for (const Settings& how :
       {Settings{}, {{"checkpoint_frequency", "1"}}, {{"optimizer", "adam"}}}) {
    JobFolder whole(settings(how));
    add_images(whole);
    (void)run(whole);

    Settings half = settings(how);
    half["epochs"] = "2";
    JobFolder first(half), second(settings(how));
    add_images(first);
    add_images(second);
    fs::create_directories(first.paths().checkpoints());
    (void)run(first);
    give_checkpoints(first, second);
    const std::string log = run(second);
    EXPECT_TRUE(has(log, "Resuming from a checkpoint after epoch 1")) << log;
    EXPECT_FALSE(has(log, "Epoch[1] Train-accuracy"));
    EXPECT_EQ(files_of(second.paths().model()), files_of(whole.paths().model()));
  }
}

TEST(Training, ACheckpointOfOtherSettingsIsNotUsed) {
  JobFolder folder(settings({{"epochs", "1"}}));
  add_images(folder);
  fs::create_directories(folder.paths().checkpoints());
  (void)run(folder);
  JobFolder other(settings({{"epochs", "2"}, {"learning_rate", "0.01"}}));
  add_images(other);
  give_checkpoints(folder, other);
  const std::string log = run(other);
  EXPECT_TRUE(has(log, "belongs to a job with other hyperparameters")) << log;
  EXPECT_TRUE(has(log, "Epoch[0] Train-accuracy"));
}

TEST(Training, GoesOnFromTheWeightsInChannelModel) {
  JobFolder first(settings());
  add_images(first);
  (void)run(first);
  // A learning rate of 0 changes no weight: what comes out is what went in.
  JobFolder second(settings({{"learning_rate", "0"}, {"epochs", "1"}}));
  add_images(second);
  add_model(second, first);
  const std::string log = run(second);
  EXPECT_TRUE(has(log, "Using the model in channel 'model' for initializing weights")) << log;
  const SavedModel before = read_model(first.paths().model());
  const SavedModel after = read_model(second.paths().model());
  for (std::size_t i = 0; i < before.arrays.size(); ++i) {
    if (before.arrays[i].name.starts_with("arg:")) {
      EXPECT_EQ(before.arrays[i].values, after.arrays[i].values) << before.arrays[i].name;
    }
  }
}

TEST(Training, MoreClassesGetALastLayerOfTheirOwn) {
  JobFolder first(settings());
  add_images(first);
  (void)run(first);
  JobFolder second(settings({{"num_classes", "3"}, {"learning_rate", "0"}, {"epochs", "1"}}));
  add_images(second, 3);
  add_model(second, first);
  EXPECT_TRUE(has(run(second),
                  "The model has 2 classes and num_classes is 3: the last layer is made anew"));
  const SavedModel after = read_model(second.paths().model());
  EXPECT_EQ(class_count(after.graph), 3);
  EXPECT_EQ(after.arrays.front().values, read_model(first.paths().model()).arrays.front().values);
}

TEST(Training, SettingsThatAreNotTheModelsAreRefusedWithBothValues) {
  JobFolder first(settings({{"epochs", "1"}}));
  add_images(first);
  (void)run(first);
  JobFolder deeper(settings({{"num_layers", "32"}}));
  JobFolder larger(settings({{"image_shape", "3,10,10"}}));
  for (JobFolder* folder : {&deeper, &larger}) {
    add_images(*folder);
    add_model(*folder, first);
  }
  EXPECT_EQ(refusal(deeper),
            "hyperparameter 'num_layers': got \"32\", expected 20, as the model in channel 'model' "
            "has it (image-classification-0001.params). Set it to that, or remove the channel "
            "'model' to train from scratch.");
  EXPECT_TRUE(refusal(larger).starts_with(
      "hyperparameter 'image_shape': got \"3,10,10\", expected 3,12,12, as the model"));
}

TEST(Training, AStoppedJobTellsTheNextOneWhereItEnded) {
  std::stop_source stop;
  stop.request_stop();
  JobFolder stopped(settings());
  add_images(stopped);
  (void)run(stopped, stop.get_token());
  const auto progress = read_model(stopped.paths().model()).progress;
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->epochs, 0);

  // As if it had come through two epochs of two updates.
  write_progress(stopped.paths().model(), "image-classification", {.epochs = 2, .updates = 4});
  JobFolder next(settings());
  add_images(next);
  add_model(next, stopped);
  const std::string log = run(next);
  EXPECT_TRUE(has(log, "Its job was stopped: training goes on with epoch 2 after 4 updates"))
      << log;
  EXPECT_FALSE(has(log, "Epoch[1] Train-accuracy"));
  EXPECT_TRUE(has(log, "Epoch[2] Train-accuracy"));
  EXPECT_FALSE(read_model(next.paths().model()).progress) << "this one came to its end";

  JobFolder short_one(settings({{"epochs", "2"}}));
  add_images(short_one);
  add_model(short_one, stopped);
  EXPECT_TRUE(refusal(short_one).starts_with(
      "hyperparameter 'epochs': got \"2\", expected more than 2, the epochs after which"));
}

TEST(Training, AChannelModelWithoutAModelIsRefused) {
  JobFolder folder(settings());
  add_images(folder);
  folder.add_channel({.name = "model", .content_type = "application/x-sagemaker-model"},
                     {{"notes.txt", "none"}});
  EXPECT_TRUE(has(refusal(folder), "Use the model.tar.gz of an image-classification job"));
}

}  // namespace
}  // namespace millrace::image_classification
