#include "trainer/vision/image_loader.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <set>

#include "core/base/error.h"
#include "core/data/image_record.h"
#include "core/io/file.h"
#include "trainer/vision/class_label.h"
#include "trainer/vision/image_records.h"

namespace millrace {
namespace {

/// A folder with one .rec file for the length of a test.
class Loader : public testing::Test {
 protected:
  Loader() {
    char name[] = "/tmp/millrace-loader-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~Loader() override { std::filesystem::remove_all(folder_); }

  void SetUp() override {
    if (!has_png()) GTEST_SKIP() << "this build has no PNG encoder to make images with";
  }

  /// Grey images of 4 x 4 whose every pixel is the record's number; labels count up to 3. Those
  /// whose number is in `broken` are cut off in the middle.
  ImageRecords numbered(std::int64_t count, const std::set<std::int64_t>& broken = {}) {
    StringSink sink;
    RecordIoWriter writer(sink);
    for (std::int64_t i = 0; i < count; ++i) {
      const Image image{.width = 4,
                        .height = 4,
                        .channels = 1,
                        .pixels = std::vector<std::uint8_t>(16, static_cast<std::uint8_t>(i))};
      std::string png = encode_png(image);
      if (broken.contains(i)) png.resize(png.size() / 2);
      writer.write(record(png, static_cast<float>(i % 3)));
    }
    return records(sink.text());
  }

  ImageRecords records(const std::string& file) {
    write_file_durably(folder_ / "a.rec", file);
    return ImageRecords({{.path = folder_ / "a.rec", .name = "channel 'train', a.rec"}});
  }

  static std::string record(const std::string& image, float label) {
    ImageRecord record;
    record.labels = {label};
    record.image = image;
    return format_image_record(record);
  }

  static LoaderOptions options(std::int64_t batch) {
    LoaderOptions options;
    options.channels = 1;
    options.height = 4;
    options.width = 4;
    options.batch = batch;
    return options;
  }

  /// Allows so many of the images to be broken and keeps silent about them.
  static BrokenImages allowing(double share) {
    return {{.place = "channel 'train'", .share = share, .allowed_by = "the limit"},
            [](const std::string& /*line*/) {}};
  }

  /// First pixels of an epoch, batch by batch.
  static std::vector<std::vector<int>> epoch(ImageLoader& loader, std::int64_t number) {
    std::vector<std::vector<int>> batches;
    loader.start(number);
    while (const auto batch = loader.next()) {
      batches.emplace_back();
      for (std::int64_t i = 0; i < batch->count; ++i) {
        batches.back().push_back(
            static_cast<int>(batch->pixels[static_cast<std::size_t>(i * 16)] + 123.68f + 0.5f));
      }
      EXPECT_EQ(batch->numbers.size(), static_cast<std::size_t>(batch->count));
    }
    return batches;
  }

  static std::string refusal(const ImageRecords& records, const LoaderOptions& options) {
    ImageLoader loader(records, options);
    loader.start(0);
    try {
      while (loader.next()) {
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.what();
    }
    return "accepted";
  }

  std::filesystem::path folder_;
};

TEST_F(Loader, GivesRecordsInOrderAndLeavesOutAShortBatch) {
  const ImageRecords records = numbered(7);
  ImageLoader loader(records, options(3));
  EXPECT_EQ(epoch(loader, 0), (std::vector<std::vector<int>>{{0, 1, 2}, {3, 4, 5}}));
  LoaderOptions all = options(3);
  all.whole_batches = false;
  ImageLoader every(records, all);
  EXPECT_EQ(epoch(every, 0), (std::vector<std::vector<int>>{{0, 1, 2}, {3, 4, 5}, {6}}));
}

TEST_F(Loader, CountsTheImagesOfItsBatchesBrokenOnesIncluded) {
  const ImageRecords images = numbered(10, {3});
  BrokenImages broken = allowing(0.5);
  LoaderOptions counting = options(5);
  counting.broken = &broken;
  ImageLoader loader(images, counting);
  for (int i = 0; i < 2; ++i) epoch(loader, i);
  loader.start(2);
  (void)loader.next();
  const ChannelReport report = counting.counts->report();
  EXPECT_EQ(report.passes, 2);
  EXPECT_EQ(report.records_per_pass, 10);
  EXPECT_GE(report.records, 25);
}

TEST_F(Loader, ASetSmallerThanABatchIsOneShortBatch) {
  const ImageRecords records = numbered(2);
  ImageLoader loader(records, options(8));
  EXPECT_EQ(epoch(loader, 0), (std::vector<std::vector<int>>{{0, 1}}));
}

TEST_F(Loader, WhatComesOutDoesNotDependOnThreadsOrCache) {
  const ImageRecords records = numbered(40);
  LoaderOptions one = options(4);
  one.shuffle = true;
  one.augmentation = Augmentation::CropColorTransform;
  one.seed = 5;
  LoaderOptions three = one;
  three.threads = 3;
  ImageLoader a(records, one), b(records, three, /*cache_bytes=*/100);
  for (const std::int64_t number : {0, 1, 0})
    EXPECT_EQ(epoch(a, number), epoch(b, number)) << number;
  EXPECT_NE(epoch(a, 0), epoch(a, 1));
  LoaderOptions other = one;
  other.seed = 6;
  ImageLoader c(records, other);
  EXPECT_NE(epoch(a, 0), epoch(c, 0));
}

TEST_F(Loader, AShuffledEpochHoldsEveryRecordOnce) {
  const ImageRecords records = numbered(12);
  LoaderOptions shuffled = options(4);
  shuffled.shuffle = true;
  ImageLoader loader(records, shuffled);
  std::multiset<int> seen;
  for (const auto& batch : epoch(loader, 3)) seen.insert(batch.begin(), batch.end());
  EXPECT_EQ(seen.size(), 12U);
  EXPECT_EQ(*seen.rbegin(), 11);
  EXPECT_EQ(std::set<int>(seen.begin(), seen.end()).size(), 12U);
}

TEST_F(Loader, AnEpochMayBeLeftEarly) {
  const ImageRecords records = numbered(40);
  LoaderOptions several = options(2);
  several.threads = 2;
  ImageLoader loader(records, several);
  loader.start(0);
  ASSERT_TRUE(loader.next());
  EXPECT_EQ(epoch(loader, 1).size(), 20U);
}

TEST_F(Loader, AnImageCutInHalfIsRefusedWithFileAndRecord) {
  const Image image{
      .width = 32, .height = 32, .channels = 1, .pixels = std::vector<std::uint8_t>(1024, 7)};
  const std::string png = encode_png(image);
  StringSink sink;
  RecordIoWriter writer(sink);
  writer.write(record(png, 0));
  writer.write(record(png.substr(0, png.size() / 2), 1));
  const ImageRecords two = records(sink.text());
  EXPECT_EQ(refusal(two, options(1)).find("channel 'train', a.rec, record 1: got \""), 0U)
      << refusal(two, options(1));
}

TEST_F(Loader, AnImageSmallerThanTheInputIsRefusedWithFileAndRecord) {
  const ImageRecords records = numbered(3);
  LoaderOptions large = options(1);
  large.height = 5;
  EXPECT_EQ(refusal(records, large),
            "channel 'train', a.rec, record 0: got \"an image of 4 x 4 pixels (width x height)\", "
            "expected at least 4 x 5, the "
            "image_shape. Set 'resize', make image_shape smaller, or leave the image out.");
  large.resize = 5;
  EXPECT_EQ(refusal(records, large), "accepted");
}

TEST_F(Loader, BrokenRecordsAreLeftOutAndBatchesStayWhole) {
  const ImageRecords records = numbered(10, {1, 2, 9});
  for (const int threads : {1, 3}) {
    BrokenImages broken = allowing(0.3);
    LoaderOptions leaving_out = options(3);
    leaving_out.threads = threads;
    leaving_out.broken = &broken;
    ImageLoader loader(records, leaving_out);
    for (int number = 0; number < 2; ++number) {
      EXPECT_EQ(epoch(loader, number), (std::vector<std::vector<int>>{{0, 3, 4}, {5, 6, 7}}));
      ASSERT_EQ(broken.count(), 3);
      EXPECT_EQ(broken.first()[1].number, 2);
    }
    loader.start(0);
    EXPECT_EQ(loader.next()->numbers, (std::vector<std::int64_t>{0, 3, 4}));
    leaving_out.whole_batches = false;
    ImageLoader every(records, leaving_out);
    EXPECT_EQ(epoch(every, 0), (std::vector<std::vector<int>>{{0, 3, 4}, {5, 6, 7}, {8}}));
  }
}

TEST_F(Loader, MoreBrokenRecordsThanTheShareEndTheEpoch) {
  const ImageRecords records = numbered(10, {1, 2, 9});
  BrokenImages broken = allowing(0.2);
  LoaderOptions leaving_out = options(3);
  leaving_out.broken = &broken;
  EXPECT_EQ(
      refusal(records, leaving_out),
      "channel 'train': 3 of 10 images are broken, and the limit allows a share of 0.2. The first: "
      "a.rec, record 1; a.rec, record 2; a.rec, record 9; of the first: got \"the file is cut "
      "off\", expected a whole, undamaged PNG image. Replace the image or leave its record out. Or "
      "raise the limit.");
}

TEST_F(Loader, AnImageThatIsTooSmallIsNotLeftOut) {
  BrokenImages broken = allowing(1);
  LoaderOptions large = options(1);
  large.height = 5;
  large.broken = &broken;
  EXPECT_NE(refusal(numbered(2), large).find("at least 4 x 5, the image_shape"), std::string::npos);
}

TEST_F(Loader, ALabelOutsideTheClassesIsRefusedWithFileRecordAndRemedy) {
  const ImageRecords records = numbered(5);
  check_labels(records, 3);
  try {
    check_labels(records, 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "channel 'train', a.rec, record 2: got \"label 2: labels 0..2 found\", expected a "
                 "whole number from "
                 "0 to 1, because num_classes is "
                 "2. Set num_classes to 3, or number the classes from 0.");
  }
}

TEST_F(Loader, AFileWithoutRecordsIsRefused) {
  EXPECT_THROW(records(""), Error);
}

}  // namespace
}  // namespace millrace
