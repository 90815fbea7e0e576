#include "trainer/algorithms/image_classification/class_counts.h"

#include <gtest/gtest.h>

#include "codec/image.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"
#include "trainer/algorithms/image_classification/channel_batches.h"
#include "trainer/algorithms/image_classification/inputs.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/vision/image_records.h"

namespace millrace::image_classification {
namespace {

/// Four images: class 0 has one of them, class 1 three, class 2 none and class 3 all. With `broken`
/// two more, cut off, that have class 2 alone: the second and the last.
std::string records(bool broken) {
  StringSink sink;
  RecordIoWriter writer(sink);
  const Image image{
      .width = 4, .height = 4, .channels = 1, .pixels = std::vector<std::uint8_t>(16)};
  const std::string png = encode_png(image);
  const auto write = [&](std::vector<float> labels, const std::string& bytes) {
    ImageRecord record;
    record.labels = std::move(labels);
    record.image = bytes;
    writer.write(format_image_record(record));
  };
  const auto write_broken = [&] {
    if (broken) write({0, 0, 1, 0}, png.substr(0, png.size() / 2));
  };
  write({1, 0, 0, 1}, png);
  write_broken();
  for (int i = 0; i < 3; ++i) write({0, 1, 0, 1}, png);
  write_broken();
  return sink.text();
}

const std::vector<std::int64_t> kPresent{1, 3, 0, 4};

TEST(ClassCounts, AreThoseOfTheSet) {
  JobFolder folder({});
  folder.add_channel({.name = "train"}, {{"a.rec", records(/*broken=*/false)}});
  const ImageRecords images({{.path = folder.paths().channel("train") / "a.rec", .name = "a.rec"}},
                            4);
  const ClassCounts counts = count_classes(images, 4);
  EXPECT_EQ(counts.images, 4);
  EXPECT_EQ(counts.present, kPresent);
}

/// Channel train of a job with weighted loss, read for its class counts, and what the log says.
class CountedChannel : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!has_png()) GTEST_SKIP() << "this build has no PNG encoder to make images with";
  }

  std::optional<ClassCounts> counts(bool broken, std::stop_token stop = {}) {
    JobFolder folder({{"num_layers", "20"},
                      {"num_classes", "4"},
                      {"num_training_samples", "4"},
                      {"image_shape", "1,4,4"},
                      {"mini_batch_size", "3"},
                      {"multi_label", "1"},
                      {"use_weighted_loss", "1"},
                      {"max_broken_images", "0.5"}});
    const bool streamed = GetParam() == "Pipe";
    const std::string bytes = records(broken);
    folder.add_channel({.name = "train", .input_mode = GetParam()},
                       streamed ? std::map<std::string, std::string>{}
                                : std::map<std::string, std::string>{{"a.rec", bytes}});
    std::optional<ServedFifos> platform;
    if (streamed) platform.emplace(folder.paths(), "train", std::vector<std::string>(2, bytes));
    Job job(folder.paths(), std::move(stop));
    const Hyperparameters h = Hyperparameters::schema().parse(job.hyperparameters());
    testing::internal::CaptureStdout();
    ChannelBatches batches(job, *job.find_channel("train"), h, loader_options(h, true, 1), 0);
    log_ = testing::internal::GetCapturedStdout();
    return batches.class_counts();
  }

  std::string log_;
};

TEST_P(CountedChannel, BrokenImagesHaveNoClasses) {
  for (const bool broken : {false, true}) {
    const auto counted = counts(broken);
    ASSERT_TRUE(counted);
    EXPECT_EQ(counted->images, 4);
    EXPECT_EQ(counted->present, kPresent);
    EXPECT_EQ(log_.find("Left out 2 of 6 images of channel 'train'") != std::string::npos, broken);
  }
}

TEST_P(CountedChannel, HasNoCountsWhenAStopIsRequested) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(counts(/*broken=*/false, stop.get_token()));
}

INSTANTIATE_TEST_SUITE_P(Modes, CountedChannel, testing::Values("File", "Pipe"));

// sklearn.utils.class_weight.compute_class_weight("balanced", classes=[0, 1], y=...) of the labels
// of class 0 and class 1 gives [2/3, 2] and [2, 2/3]: absent, present. It has no answer where one
// side is empty.
TEST(ClassWeights, GiveBothSidesOfAClassTheSameSum) {
  const ClassWeights weights = class_weights({.images = 4, .present = kPresent});
  EXPECT_EQ(weights.present, (std::vector<float>{2, 2.0F / 3, 0, 0.5F}));
  EXPECT_EQ(weights.absent, (std::vector<float>{2.0F / 3, 2, 0.5F, 0}));
}

TEST(OneSidedClasses, AreNamedUpToTen) {
  EXPECT_EQ(one_sided_classes({.images = 4, .present = kPresent}), "classes 2, 3");
  EXPECT_EQ(one_sided_classes({.images = 4, .present = {1, 0}}), "class 1");
  EXPECT_EQ(one_sided_classes({.images = 4, .present = {1, 3}}), "");
  EXPECT_EQ(one_sided_classes({.images = 1, .present = std::vector<std::int64_t>(12)}),
            "classes 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more");
}

}  // namespace
}  // namespace millrace::image_classification
