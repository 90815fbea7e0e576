#include "trainer/vision/stream_loader.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <latch>
#include <set>

#include "core/base/error.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"
#include "core/io/file.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/vision/image_loader.h"
#include "trainer/vision/image_records.h"
#include "trainer/vision/shuffle_buffer.h"

namespace millrace {
namespace {

using Batches = std::vector<std::vector<float>>;  ///< pixels, then labels, of each batch

class Streamed : public testing::Test {
 protected:
  Streamed() {
    char name[] = "/tmp/millrace-stream-XXXXXX";
    paths_.base = ::mkdtemp(name);
    channel_ = {
        .name = "train", .config = {.name = "train", .input_mode = "Pipe"}, .paths = paths_};
  }
  ~Streamed() override { std::filesystem::remove_all(paths_.base); }

  void SetUp() override {
    if (!has_png()) GTEST_SKIP() << "this build has no PNG encoder to make images with";
  }

  /// Grey images of 5 x 5 whose every pixel is the record's number; labels count up to 3. Those
  /// whose number is in `broken` are cut off in the middle.
  static std::string numbered(std::int64_t count, const std::set<std::int64_t>& broken = {}) {
    StringSink sink;
    RecordIoWriter writer(sink);
    for (std::int64_t i = 0; i < count; ++i) {
      const Image image{.width = 5,
                        .height = 5,
                        .channels = 1,
                        .pixels = std::vector<std::uint8_t>(25, static_cast<std::uint8_t>(i))};
      std::string png = encode_png(image);
      if (broken.contains(i)) png.resize(png.size() / 2);
      ImageRecord record;
      record.labels = {static_cast<float>(i % 3)};
      record.image = png;
      writer.write(format_image_record(record));
    }
    return sink.text();
  }

  static LoaderOptions options(std::int64_t batch, int threads = 1) {
    LoaderOptions options;
    options.channels = 1;
    options.height = options.width = 4;
    options.batch = batch;
    options.threads = threads;
    return options;
  }

  /// Allows so many of the images to be broken and keeps silent about them.
  static BrokenImages allowing(double share) {
    return {{.place = "channel 'train'", .share = share, .allowed_by = "the limit"},
            [](const std::string& /*line*/) {}};
  }

  static Batches epoch(ImageBatches& loader, std::int64_t number) {
    Batches batches;
    loader.start(number);
    while (const auto batch = loader.next()) {
      batches.push_back(batch->pixels);
      batches.back().insert(batches.back().end(), batch->labels.begin(), batch->labels.end());
    }
    return batches;
  }

  /// All epochs of a stream that delivers these bytes, one entry each.
  std::vector<Batches> epochs(const std::vector<std::string>& bytes, const LoaderOptions& options) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
      std::filesystem::remove(paths_.fifo("train", static_cast<std::int64_t>(i)));
    const ServedFifos platform(paths_, "train", bytes);
    const auto count = static_cast<std::int64_t>(bytes.size());
    StreamLoader loader(channel_, options, {.classes = 3, .epochs = count}, {});
    std::vector<Batches> all;
    for (std::int64_t i = 0; i < count; ++i) all.push_back(epoch(loader, i));
    return all;
  }

  ContractPaths paths_;
  Channel channel_;
};

TEST_F(Streamed, WithoutShufflingItGivesWhatFilesGive) {
  const std::string records = numbered(11);
  write_file_durably(paths_.base / "a.rec", records);
  LoaderOptions augmenting = options(4);
  augmenting.augmentation = Augmentation::CropColorTransform;
  const ImageRecords files({{.path = paths_.base / "a.rec", .name = "a.rec"}});
  ImageLoader loader(files, augmenting);
  const auto streamed = epochs({records, records}, augmenting);
  EXPECT_EQ(streamed[0], epoch(loader, 0));
  EXPECT_EQ(streamed[1], epoch(loader, 1));
  EXPECT_EQ(streamed[0].size(), 2U);
}

TEST_F(Streamed, CountsAllImagesOfAnEpochThoseLeftOutOfWholeBatchesToo) {
  const LoaderOptions counting = options(4, 2);
  epochs({numbered(11), numbered(9)}, counting);
  const ChannelReport report = counting.counts->report();
  EXPECT_EQ(report.records, 20);
  EXPECT_EQ(report.passes, 2);
  EXPECT_EQ(report.records_per_pass, 9);
}

TEST_F(Streamed, WhatComesOutDoesNotDependOnThreads) {
  LoaderOptions one = options(4, 1), three = options(4, 3);
  one.shuffle = three.shuffle = true;
  one.augmentation = three.augmentation = Augmentation::CropColor;
  const std::string records = numbered(40);
  const auto a = epochs({records, records}, one), b = epochs({records, records}, three);
  EXPECT_EQ(a, b);
  EXPECT_NE(a[0], a[1]);
  one.seed = 1;
  EXPECT_NE(a, epochs({records, records}, one));
}

TEST_F(Streamed, AShuffledEpochHoldsEveryImageOnce) {
  LoaderOptions shuffled = options(1);
  shuffled.shuffle = true;
  std::set<float> seen;
  const auto all = epochs({numbered(30)}, shuffled);
  for (const auto& batch : all[0]) seen.insert(batch[0]);
  EXPECT_EQ(seen.size(), 30U);
}

TEST_F(Streamed, AShortLastBatchIsLeftOutUnlessItIsTheOnlyOne) {
  const auto all = epochs({numbered(7), numbered(2)}, options(3));
  EXPECT_EQ(all[0].size(), 2U);
  ASSERT_EQ(all[1].size(), 1U);
  EXPECT_EQ(all[1][0].size(), 2U * (16 + 1));
}

TEST_F(Streamed, TheSizeOfAnEpochIsKnownAtItsEnd) {
  const ServedFifos platform(paths_, "train", {numbered(7)});
  StreamLoader loader(channel_, options(3), {.classes = 3, .epochs = 1}, {});
  loader.start(0);
  EXPECT_FALSE(loader.images());
  while (loader.next()) {
  }
  EXPECT_EQ(loader.images(), 7);
}

TEST_F(Streamed, BatchesBeforeAFailureAreDeliveredAndItNamesTheRecord) {
  std::string records = numbered(6);
  records.resize(records.size() - 20);
  const ServedFifos platform(paths_, "train", {records});
  StreamLoader loader(channel_, options(2, 2), {.classes = 3, .epochs = 1}, {});
  loader.start(0);
  EXPECT_TRUE(loader.next());
  EXPECT_TRUE(loader.next());
  try {
    (void)loader.next();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("channel 'train', epoch 0, record 5, byte "), 0U)
        << error.what();
  }
}

TEST_F(Streamed, AnImageThatDoesNotFitIsRefusedWithItsRecord) {
  LoaderOptions large = options(2, 2);
  large.height = 6;
  EXPECT_THROW((void)epochs({numbered(2)}, large), Error);
}

TEST_F(Streamed, BrokenImagesAreLeftOutAsInFiles) {
  const std::string records = numbered(11, {0, 4, 10});
  write_file_durably(paths_.base / "a.rec", records);
  BrokenImages of_files = allowing(0.3), of_stream = allowing(0.3);
  LoaderOptions augmenting = options(4, 2);
  augmenting.augmentation = Augmentation::CropColorTransform;
  augmenting.broken = &of_files;
  const ImageRecords files({{.path = paths_.base / "a.rec", .name = "a.rec"}});
  ImageLoader loader(files, augmenting);
  augmenting.broken = &of_stream;
  const auto streamed = epochs({records, records}, augmenting);
  for (const std::int64_t number : {0, 1}) {
    EXPECT_EQ(streamed[static_cast<std::size_t>(number)], epoch(loader, number)) << number;
    EXPECT_EQ(streamed[static_cast<std::size_t>(number)].size(), 2U) << "8 whole images of 11";
  }
  ASSERT_EQ(of_stream.count(), 3);
  EXPECT_EQ(of_stream.first()[1].number, 4);
}

TEST_F(Streamed, TooManyBrokenImagesEndTheEpochWhenTheyAreCounted) {
  BrokenImages broken = allowing(0.2);
  LoaderOptions leaving_out = options(4);
  leaving_out.broken = &broken;
  try {
    (void)epochs({numbered(11, {0, 4, 10})}, leaving_out);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_EQ(std::string(error.what())
                  .find("channel 'train': 3 of 11 images are broken, and the limit allows a share "
                        "of 0.2. The first: epoch 0, record 0, byte 0; epoch 0, record 4, byte "),
              0U)
        << error.what();
  }
}

TEST_F(Streamed, AnEmptyEpochIsRefused) {
  EXPECT_THROW((void)epochs({""}, options(2)), Error);
}

TEST_F(Streamed, AStopRequestEndsAnEpochThatWaitsForData) {
  // Nobody serves the FIFO.
  std::stop_source stop;
  std::latch waiting(1);
  const std::jthread stopper([&] {
    waiting.wait();
    stop.request_stop();
  });
  StreamLoader loader(channel_, options(2, 2), {.classes = 3, .epochs = 1}, stop.get_token());
  loader.start(0);
  waiting.count_down();
  EXPECT_FALSE(loader.next());
}

TEST_F(Streamed, AnEpochMayBeLeftEarly) {
  const ServedFifos platform(paths_, "train", {numbered(200), numbered(200)});
  StreamLoader loader(channel_, options(2, 2), {.classes = 3, .epochs = 2}, {});
  loader.start(0);
  EXPECT_TRUE(loader.next());
}

TEST(ShuffleBuffer, HoldsNoMoreThanItsBounds) {
  ShuffleBuffer buffer(RandomStream(1, 0, 0));
  for (std::size_t i = 0; i < ShuffleBuffer::kImages - 1; ++i) buffer.add({});
  EXPECT_FALSE(buffer.full());
  buffer.add({});
  EXPECT_TRUE(buffer.full());
  ShuffleBuffer heavy(RandomStream(1, 0, 0));
  heavy.add({.bytes = std::string(ShuffleBuffer::kBytes / 2, 'x')});
  EXPECT_FALSE(heavy.full());
  heavy.add({.bytes = std::string(ShuffleBuffer::kBytes / 2, 'x')});
  EXPECT_TRUE(heavy.full());
  (void)heavy.take();
  EXPECT_FALSE(heavy.full());
}

}  // namespace
}  // namespace millrace
