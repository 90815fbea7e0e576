#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "codec/image.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"
#include "core/io/file.h"
#include "core/json/json.h"
#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/tensors/training_for_test.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"

namespace millrace::image_classification {
namespace {

namespace fs = std::filesystem;
using Settings = std::map<std::string, std::string>;

/// A picture and what it shows: a bright upper half, a bright left half, neither or both. One in
/// four images is each of these; with `rare` one in eight has the bright left half.
struct Shown {
  std::string png;
  std::vector<float> labels;
};

Shown shown(int i, bool rare) {
  const bool upper = i % 2 == 1, left = rare ? i % 8 >= 7 : i / 2 % 2 == 1;
  Image image{.width = 12, .height = 12, .channels = 1, .pixels = {}};
  for (int at = 0; at < 144; ++at) {
    const int bright = (upper && at < 72 ? 90 : 0) + (left && at % 12 < 6 ? 90 : 0);
    image.pixels.push_back(static_cast<std::uint8_t>(20 + bright + (i * 7 + at) % 40));
  }
  return {.png = encode_png(image), .labels = {upper ? 1.0F : 0.0F, left ? 1.0F : 0.0F}};
}

std::string records(int count, bool rare = false) {
  StringSink sink;
  RecordIoWriter writer(sink);
  for (int i = 0; i < count; ++i) {
    const Shown image = shown(i, rare);
    ImageRecord record;
    record.labels = image.labels;
    record.id = static_cast<std::uint64_t>(i);
    record.image = image.png;
    writer.write(format_image_record(record));
  }
  return sink.text();
}

/// The same images as an augmented manifest is sent.
std::string pairs(int count, bool class_ids) {
  StringSink sink;
  RecordIoWriter writer(sink);
  for (int i = 0; i < count; ++i) {
    const Shown image = shown(i, /*rare=*/false);
    const bool upper = image.labels[0] == 1, left = image.labels[1] == 1;
    writer.write(image.png);
    if (class_ids)
      writer.write(std::string("[") + (upper ? "0" : "") + (upper && left ? ", " : "") +
                   (left ? "1" : "") + "]");
    else
      writer.write(std::string("\"[") + (upper ? "1" : "0") + ", " + (left ? "1" : "0") + "]\"");
  }
  return sink.text();
}

Settings settings(const Settings& changes = {}) {
  Settings all{{"num_layers", "20"},           {"image_shape", "3,12,12"}, {"num_classes", "2"},
               {"num_training_samples", "16"}, {"mini_batch_size", "8"},   {"epochs", "1"},
               {"learning_rate", "0.05"},      {"multi_label", "1"}};
  for (const auto& [name, value] : changes) all[name] = value;
  return all;
}

void add_images(JobFolder& folder, int count = 16, bool rare = false) {
  for (const char* channel : {"train", "validation"})
    folder.add_channel({.name = channel, .content_type = "application/x-recordio"},
                       {{"a.rec", records(count, rare)}});
}

double last_accuracy(const std::string& log, const std::string& set) {
  const std::string line = set + "-accuracy=";
  const std::size_t at = log.rfind(line);
  return at == std::string::npos ? 0 : std::stod(log.substr(at + line.size()));
}

void serve(JobFolder& folder, const std::string& content_type, const std::string& wrapper) {
  folder.add_channel({.name = "train",
                      .input_mode = "Pipe",
                      .record_wrapper = wrapper,
                      .content_type = content_type},
                     {});
}

/// Leaves a model with the weights that training begins with.
std::string run_and_stop_at_once(const JobFolder& folder) {
  std::stop_source stop;
  stop.request_stop();
  return run(folder, stop.get_token());
}

class MultiLabel : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_png()) GTEST_SKIP() << "this build has no PNG encoder to make images with";
  }
};

TEST_F(MultiLabel, TwoAttributesAreLearntAndMeasuredEachByItself) {
  JobFolder folder(settings({{"num_training_samples", "32"}, {"epochs", "8"}}));
  add_images(folder, 32);
  const std::string log = run(folder);
  EXPECT_TRUE(has(log, "multi_label: 1")) << log;
  EXPECT_EQ(last_accuracy(log, "Train"), 1) << log;
  EXPECT_EQ(last_accuracy(log, "Validation"), 1) << log;
  EXPECT_TRUE(is_multi_label(read_model(folder.paths().model()).graph));

  EvaluateRequest request;
  request.model = folder.paths().model();
  request.data = folder.paths().channel("validation") / "a.rec";
  request.class_names = {"upper", "left"};
  const Json figures = evaluate(request);
  EXPECT_EQ(figures["accuracy"], 1);
  EXPECT_EQ(figures["classes"][1]["name"], "left");
  EXPECT_EQ(figures["classes"][1]["recall"], 1);
  EXPECT_EQ(figures["classes"][1]["images"], 16);
  request.output = folder.paths().model();
  (void)evaluate(request);
  EXPECT_EQ(read_file(folder.paths().model() / "evaluation.json"), to_text(figures) + "\n");
  EXPECT_NE(read_file(folder.paths().model() / "report.html").find("<td>left</td>"),
            std::string::npos);
}

TEST_F(MultiLabel, TheLoggedAccuracyIsTheMeanOverTheClasses) {
  JobFolder first(settings());
  add_images(first);
  (void)run_and_stop_at_once(first);
  // A model that always answers class 0 and never class 1.
  const fs::path file = first.paths().model() / "image-classification-0001.params";
  std::vector<NamedArray> arrays = read_model(first.paths().model()).arrays;
  for (NamedArray& array : arrays) {
    if (array.name == "arg:fc1_weight") std::fill(array.values.begin(), array.values.end(), 0.0F);
    if (array.name == "arg:fc1_bias") array.values = {1, -1};
  }
  write_arrays(file, arrays);
  JobFolder second(settings({{"learning_rate", "0"}}));
  add_images(second, 16, /*rare=*/true);
  add_model(second, first);
  const std::string log = run(second);
  // 8 of 16 images have class 0, 2 have class 1: (8/16 + 14/16) / 2.
  EXPECT_EQ(last_accuracy(log, "Train"), 0.6875) << log;
  EXPECT_EQ(last_accuracy(log, "Validation"), 0.6875) << log;
  EXPECT_TRUE(has(log, "Storing the best model with validation accuracy: 0.687500"));
}

TEST_F(MultiLabel, AStreamTrainsTheModelThatItsFormsShare) {
  std::map<std::string, std::map<std::string, std::string>> models;
  const std::string type = "application/x-recordio";
  for (const std::string form : {"records", "multi-hot", "class-id"}) {
    JobFolder folder(settings());
    const bool wrapped = form != "records";
    serve(folder, wrapped ? type + "; label-format=" + form : type, wrapped ? "RecordIO" : "None");
    const std::string bytes = wrapped ? pairs(16, form == "class-id") : records(16);
    const ServedFifos platform(folder.paths(), "train", std::vector<std::string>{bytes});
    (void)run(folder);
    models[form] = files_of(folder.paths().model());
  }
  EXPECT_EQ(models["records"], models["multi-hot"]);
  EXPECT_EQ(models["records"], models["class-id"]);
}

TEST_F(MultiLabel, WeightsOfAStreamAreThoseOfFilesForOnePassMore) {
  // One batch an epoch, so that the order of the images, which differs, does not matter much.
  const Settings how{{"mini_batch_size", "16"}, {"epochs", "2"}};
  Settings weighted = how;
  weighted["use_weighted_loss"] = "1";
  JobFolder files(settings(weighted)), stream(settings(weighted)), plain(settings(how));
  for (JobFolder* folder : {&files, &plain})
    folder->add_channel({.name = "train", .content_type = "application/x-recordio"},
                        {{"a.rec", records(16, /*rare=*/true)}});
  serve(stream, "application/x-recordio", "None");
  const ServedFifos platform(stream.paths(), "train",
                             std::vector<std::string>(3, records(16, /*rare=*/true)));
  EXPECT_TRUE(has(run(files), "use_weighted_loss: 1"));
  EXPECT_TRUE(has(run(stream), "channel train is read once before the first epoch"));
  (void)run(plain);
  const auto weights = [](const JobFolder& folder) {
    std::vector<float> all;
    for (const NamedArray& array : read_model(folder.paths().model()).arrays)
      if (array.name == "arg:fc1_bias") all = array.values;
    return all;
  };
  const std::vector<float> a = weights(files), b = weights(stream), c = weights(plain);
  ASSERT_EQ(a.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(a[i], b[i], 1e-3F);
  // With weights an image that has the rare class counts seven times one that has not.
  EXPECT_GT(a[1], c[1] + 1e-2F);
}

TEST_F(MultiLabel, AnInterruptedJobEndsWithTheModelOfOneThatWasNot) {
  const Settings to_the_end = settings({{"use_weighted_loss", "1"}, {"epochs", "2"}});
  JobFolder whole(to_the_end);
  add_images(whole);
  (void)run(whole);
  JobFolder first(settings({{"use_weighted_loss", "1"}})), second(to_the_end);
  add_images(first);
  add_images(second);
  fs::create_directories(first.paths().checkpoints());
  (void)run(first);
  give_checkpoints(first, second);
  EXPECT_TRUE(has(run(second), "Resuming from a checkpoint after epoch 0"));
  EXPECT_EQ(files_of(second.paths().model()), files_of(whole.paths().model()));
}

TEST_F(MultiLabel, ACheckpointOfTheOtherKindIsNotUsed) {
  JobFolder first(settings()), second(settings({{"use_weighted_loss", "1"}}));
  add_images(first);
  add_images(second);
  fs::create_directories(first.paths().checkpoints());
  (void)run(first);
  give_checkpoints(first, second);
  EXPECT_TRUE(has(run(second), "belongs to a job with other hyperparameters"));
}

TEST_F(MultiLabel, AStopLeavesAModelFromWhichTheNextJobGoesOn) {
  JobFolder stopped(settings({{"use_weighted_loss", "1"}}));
  add_images(stopped);
  (void)run_and_stop_at_once(stopped);
  JobFolder next(settings({{"use_weighted_loss", "1"}}));
  add_images(next);
  add_model(next, stopped);
  EXPECT_TRUE(has(run(next), "Its job was stopped: training goes on with epoch 0"));
}

TEST_F(MultiLabel, AStopWhileAStreamIsCountedLeavesAModel) {
  // Nobody serves the FIFO.
  JobFolder folder(settings({{"use_weighted_loss", "1"}}));
  serve(folder, "application/x-recordio", "None");
  EXPECT_TRUE(has(run_and_stop_at_once(folder), "Stop requested in epoch 0"));
  EXPECT_TRUE(fs::exists(folder.paths().model() / "image-classification-0001.params"));
}

TEST_F(MultiLabel, AModelOfTheOtherKindIsRefusedWithBothValues) {
  JobFolder several(settings());
  add_images(several);
  (void)run_and_stop_at_once(several);
  JobFolder one(settings({{"multi_label", "0"}}));
  add_images(one);
  add_model(one, several);
  EXPECT_EQ(refusal(one),
            "hyperparameter 'multi_label': got \"0\", expected 1, as the model in channel 'model' "
            "has it (image-classification-0001.params). Set it to that, or remove the channel "
            "'model' to train from scratch.");
}

TEST_F(MultiLabel, ARecordWithoutALabelForEachClassIsRefusedBeforeTheFirstEpoch) {
  JobFolder folder(settings({{"num_classes", "3"}}));
  add_images(folder);
  EXPECT_EQ(refusal(folder),
            "channel 'train', a.rec, record 0: got \"2 labels\", expected 3, a 0 or a 1 for each "
            "class, because multi_label is 1 and num_classes is 3. Set num_classes to the number "
            "of labels, or label each image with as many.");
}

TEST_F(MultiLabel, AClassThatNoImageHasIsNamedInTheLog) {
  JobFolder folder(settings(
      {{"num_training_samples", "4"}, {"mini_batch_size", "4"}, {"use_weighted_loss", "1"}}));
  add_images(folder, 4, /*rare=*/true);
  const std::string log = run(folder);
  EXPECT_TRUE(has(log,
                  "No image of channel train, or every one, has class 1: what tells it from "
                  "others cannot be learnt"))
      << log;
}

}  // namespace
}  // namespace millrace::image_classification
