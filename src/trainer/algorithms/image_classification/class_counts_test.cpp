#include "trainer/algorithms/image_classification/class_counts.h"

#include <gtest/gtest.h>

#include "core/data/image_record.h"
#include "core/data/recordio.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/vision/image_records.h"

namespace millrace::image_classification {
namespace {

/// Four images: class 0 has one of them, class 1 three, class 2 none and class 3 all.
std::string records() {
  StringSink sink;
  RecordIoWriter writer(sink);
  for (int i = 0; i < 4; ++i) {
    ImageRecord record;
    record.labels = {i == 0 ? 1.0F : 0.0F, i == 0 ? 0.0F : 1.0F, 0.0F, 1.0F};
    record.image = "\xff\xd8\xff\xe0 a picture";
    writer.write(format_image_record(record));
  }
  return sink.text();
}

const std::vector<std::int64_t> kPresent{1, 3, 0, 4};

TEST(ClassCounts, AreThoseOfTheSet) {
  JobFolder folder({});
  folder.add_channel({.name = "train"}, {{"a.rec", records()}});
  const ImageRecords images({{.path = folder.paths().channel("train") / "a.rec", .name = "a.rec"}},
                            4);
  const ClassCounts counts = count_classes(images, 4);
  EXPECT_EQ(counts.images, 4);
  EXPECT_EQ(counts.present, kPresent);
}

TEST(ClassCounts, OfAStreamTakeItsFirstPass) {
  const JobFolder folder({});
  std::filesystem::create_directories(folder.paths().input_data());
  const Channel channel{
      .name = "train", .config = {.name = "train", .input_mode = "Pipe"}, .paths = folder.paths()};
  const ServedFifos platform(folder.paths(), "train", {records()});
  const auto counts = count_classes(channel, {.classes = 4, .multi_label = true}, {});
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->images, 4);
  EXPECT_EQ(counts->present, kPresent);
}

TEST(ClassCounts, OfAStreamAreNoneWhenAStopIsRequested) {
  const JobFolder folder({});
  std::filesystem::create_directories(folder.paths().input_data());
  const Channel channel{
      .name = "train", .config = {.name = "train", .input_mode = "Pipe"}, .paths = folder.paths()};
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(count_classes(channel, {.classes = 4, .multi_label = true}, stop.get_token()));
}

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
