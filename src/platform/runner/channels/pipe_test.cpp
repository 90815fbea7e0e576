#include "platform/runner/channels/pipe.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/data/recordio.h"
#include "core/io/file.h"
#include "platform/runner/channels/channel_fixture_for_test.h"

namespace millrace::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

std::string gzipped(std::string_view text) {
  StringSink sink;
  GzipSink gzip(sink);
  gzip.write(text);
  gzip.finish();
  return sink.text();
}

std::string record_of(const std::string& payload) {
  StringSink sink;
  RecordIoWriter(sink).write(payload);
  return sink.text();
}

/// Text in which no two places look alike.
std::string numbered_text(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + ",";
  text.resize(size);
  return text;
}

class PipeChannelTest : public ChannelTest {
 protected:
  PipeChannelTest() : ChannelTest("Pipe") {}

  /// Starts the channel, or says why it refuses to.
  std::string start(const std::stop_token& stop = {}) {
    return refusal(
        [&] {
          feed_ = open_feed();
          feed_->prepare(stop);
        },
        "started");
  }
  /// As another job would.
  std::string start_again() {
    feed_.reset();
    for (const fs::path& directory :
         {workspace_.readable_paths().input_data(), workspace_.pinned()}) {
      fs::remove_all(directory);
      fs::create_directory(directory);
    }
    return start();
  }
  [[nodiscard]] fs::path fifo(int epoch) const {
    return workspace_.readable_paths().fifo("train", epoch);
  }
  Fd open_epoch(int epoch) const { return open_for_reading(fifo(epoch)); }
  std::string read_epoch(int epoch) const {
    FdSource source(open_epoch(epoch));
    return read_all(source, std::size_t{1} << 30, "epoch");
  }
  /// The reason that the alarm was given, waiting for it.
  std::string failure() {
    std::mutex mutex;
    std::condition_variable_any raised;
    std::unique_lock lock(mutex);
    raised.wait_for(lock, alarm_.raised(), std::chrono::seconds(30), [] { return false; });
    return refusal([&] { alarm_.check(); }, "none");
  }

  std::unique_ptr<ChannelFeed> feed_;
};

/// What holds wherever the store is.
class PipeChannelNearAndFarTest : public PipeChannelTest, public testing::WithParamInterface<bool> {
 protected:
  PipeChannelNearAndFarTest() { store_.elsewhere = GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Store, PipeChannelNearAndFarTest, testing::Bool(),
                         [](const auto& elsewhere) {
                           return elsewhere.param ? "Elsewhere" : "OnThisMachine";
                         });

TEST_P(PipeChannelNearAndFarTest, EveryEpochIsTheObjectsOneAfterAnother) {
  const std::string large = numbered_text(3'000'000);
  store_.add("b", "data/1", "one");
  store_.add("b", "data/2", large);
  store_.add("b", "data/3", "");
  store_.add("b", "data/4", "four");
  ASSERT_EQ(start(), "started");
  for (int epoch = 0; epoch < 3; ++epoch)
    EXPECT_TRUE(read_epoch(epoch) == "one" + large + "four") << "epoch " << epoch;
  feed_->finish();
  EXPECT_FALSE(alarm_.raised().stop_requested());
}

TEST_P(PipeChannelNearAndFarTest, CountsTheBytesAndObjectsThatReadersGot) {
  const std::string large = numbered_text(3'000'000);
  store_.add("b", "data/1", "one");
  store_.add("b", "data/2", large);
  ASSERT_EQ(start(), "started");
  for (int epoch = 0; epoch < 2; ++epoch) (void)read_epoch(epoch);
  feed_->finish();
  EXPECT_EQ(use().measured, "Fed");
  EXPECT_EQ(use().bytes, 6'000'006);
  EXPECT_EQ(use().objects, 4);
  EXPECT_FALSE(use().records) << "nobody knows them";
  EXPECT_GT(use().seconds, 0);
  EXPECT_LE(*use().writer_waited_seconds + *use().reader_waited_seconds, use().seconds);
}

TEST_P(PipeChannelNearAndFarTest, CountsWhatIsUnpackedAndTheRecordsThatItWraps) {
  channel_.compression_type = "Gzip";
  channel_.record_wrapper_type = "RecordIO";
  store_.add("b", "data/1", gzipped("one"));
  store_.add("b", "data/2", gzipped("three"));
  ASSERT_EQ(start(), "started");
  const std::string epoch = read_epoch(0);
  feed_->finish();
  EXPECT_EQ(epoch, record_of("one") + record_of("three"));
  EXPECT_EQ(use().bytes, static_cast<std::int64_t>(epoch.size()));
  EXPECT_EQ(use().objects, 2);
  EXPECT_EQ(use().records, 2);
}

TEST_P(PipeChannelNearAndFarTest, ASharedChannelCountsThisHostsObjects) {
  channel_.s3_source->s3_data_distribution_type = "ShardedByS3Key";
  channel_.s3_source->shards = 2;
  channel_.s3_source->shard = 1;
  for (const char* text : {"a", "bb", "ccc", "dddd"})
    store_.add("b", std::string("data/") + text, text);
  ASSERT_EQ(start(), "started");
  EXPECT_EQ(read_epoch(0), "bbdddd");
  feed_->finish();
  EXPECT_EQ(use().bytes, 6);
  EXPECT_EQ(use().objects, 2);
}

TEST_P(PipeChannelNearAndFarTest, AWriterWaitsForASlowReaderAndAReaderForASlowStore) {
  store_.add("b", "data/1", numbered_text(3'000'000));
  ASSERT_EQ(start(), "started");
  {
    FdSource source(open_epoch(0));
    while (*use().writer_waited_seconds == 0) std::this_thread::yield();
    (void)read_all(source, std::size_t{1} << 30, "epoch");
  }
  EXPECT_LE(use().writer_waited_seconds, use().seconds);
  if (!GetParam()) return;
  const double before = *use().reader_waited_seconds;
  store_.after_open = [] { std::this_thread::sleep_for(std::chrono::milliseconds(300)); };
  (void)read_epoch(1);
  feed_->finish();
  EXPECT_GE(*use().reader_waited_seconds - before, 0.3);
}

TEST_P(PipeChannelNearAndFarTest, TheNextFifoExistsBeforeThisOneIsOpenAndAServedOneIsGone) {
  store_.add("b", "data/1", "one");
  ASSERT_EQ(start(), "started");
  for (int epoch = 0; epoch < 100; ++epoch) {
    open_epoch(epoch).close();
    ASSERT_TRUE(fs::is_fifo(fifo(epoch + 1)));
    EXPECT_FALSE(fs::exists(fifo(epoch - 1)));
  }
}

TEST_P(PipeChannelNearAndFarTest, AReaderThatLeavesEarlyIsServedTheNextEpoch) {
  const std::string large = numbered_text(5'000'000);
  store_.add("b", "data/1", large);
  ASSERT_EQ(start(), "started");
  for (int epoch = 0; epoch < 5; ++epoch) {
    FdSource source(open_epoch(epoch));
    char start_of_epoch[10];
    EXPECT_EQ(read_full(source, start_of_epoch), 10U);
  }
  open_epoch(5).close();
  EXPECT_TRUE(read_epoch(6) == large);
  feed_->finish();
  EXPECT_FALSE(alarm_.raised().stop_requested());
}

TEST_P(PipeChannelNearAndFarTest, EndsWhileItWaitsForAReader) {
  store_.add("b", "data/1", "one");
  ASSERT_EQ(start(), "started");
  feed_->finish();
  EXPECT_FALSE(alarm_.raised().stop_requested());
}

TEST_P(PipeChannelNearAndFarTest, EndsWhileAReaderTakesNothing) {
  store_.add("b", "data/1", numbered_text(5'000'000));
  ASSERT_EQ(start(), "started");
  FdSource source(open_epoch(0));
  char first = 0;
  EXPECT_EQ(source.read({&first, 1}), 1U);
  feed_->finish();
  EXPECT_FALSE(alarm_.raised().stop_requested());
}

TEST_P(PipeChannelNearAndFarTest, EveryObjectIsUnpackedByItself) {
  const std::string large = numbered_text(3'000'000);
  channel_.compression_type = "Gzip";
  store_.add("b", "data/1", gzipped("one") + gzipped(" more"));
  store_.add("b", "data/2", gzipped(large));
  ASSERT_EQ(start(), "started");
  EXPECT_TRUE(read_epoch(0) == "one more" + large);
  EXPECT_TRUE(read_epoch(1) == "one more" + large);
}

TEST_P(PipeChannelNearAndFarTest, EveryObjectIsOneRecordInCanonicalForm) {
  const std::string magic("\x0a\x23\xd7\xce", 4);
  const std::string large = numbered_text(4'000'000) + magic + numbered_text(6'000'002);
  channel_.record_wrapper_type = "RecordIO";
  store_.add("b", "data/1", "one");
  store_.add("b", "data/2", "xxxx" + magic + "y");
  store_.add("b", "data/3", large);
  store_.add("b", "data/4", "");
  ASSERT_EQ(start(), "started");
  EXPECT_TRUE(read_epoch(0) == record_of("one") + record_of("xxxx" + magic + "y") +
                                   record_of(large) + record_of(""));
}

TEST_P(PipeChannelNearAndFarTest, APackedObjectIsUnpackedIntoOneRecord) {
  const std::string large = numbered_text(12'000'001);
  channel_.record_wrapper_type = "RecordIO";
  channel_.compression_type = "Gzip";
  store_.add("b", "data/1", gzipped("one"));
  store_.add("b", "data/2", gzipped(large));
  ASSERT_EQ(start(), "started");
  EXPECT_TRUE(read_epoch(0) == record_of("one") + record_of(large));
}

TEST_P(PipeChannelNearAndFarTest, AnAugmentedManifestsAttributesAreInterleaved) {
  store_.add("b", "1.png", "PNG1");
  store_.add("b", "2.png", "PNG2");
  use_manifest("AugmentedManifestFile",
               "{\"image-ref\": \"s3://b/1.png\", \"label\": 1.50}\n"
               "{\"image-ref\": \"s3://b/2.png\", \"label\": \"cat\"}\n");
  channel_.s3_source->attribute_names = {{"image-ref", "label"}};
  ASSERT_EQ(start(), "started");
  EXPECT_EQ(read_epoch(0), "PNG11.50PNG2cat");
  channel_.record_wrapper_type = "RecordIO";
  ASSERT_EQ(start_again(), "started");
  EXPECT_EQ(read_epoch(0),
            record_of("PNG1") + record_of("1.50") + record_of("PNG2") + record_of("cat"));
}

TEST_P(PipeChannelNearAndFarTest, AManifestIsDeliveredInItsOrder) {
  store_.add("b", "x", "1");
  store_.add("c", "y", "2");
  use_manifest("ManifestFile", R"(["s3://c/y", "s3://b/x"])");
  ASSERT_EQ(start(), "started");
  EXPECT_EQ(read_epoch(0), "21");
}

TEST_P(PipeChannelNearAndFarTest, AShuffledChannelHasAnotherOrderEachEpochAndTheSameInEveryJob) {
  for (char c = 'a'; c <= 'z'; ++c) store_.add("b", std::string("data/") + c, std::string(1, c));
  channel_.shuffle_seed = 1;
  ASSERT_EQ(start(), "started");
  const std::string first = read_epoch(0);
  const std::string second = read_epoch(1);
  ASSERT_EQ(start_again(), "started");
  EXPECT_EQ(read_epoch(0), first);
  EXPECT_EQ(read_epoch(1), second);
  EXPECT_NE(first, second);
  std::string sorted = second;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, "abcdefghijklmnopqrstuvwxyz");
}

TEST_P(PipeChannelNearAndFarTest, ATruncatedObjectFailsByNameAfterWhatWasThere) {
  store_.add("b", "data/1", numbered_text(1'000'000));
  fs::resize_file(store_.path("b", "data/1"), 600'000);
  ASSERT_EQ(start(), "started");
  (void)read_epoch(0);
  EXPECT_THAT(
      failure(),
      HasSubstr("platform: channel 'train', s3://b/data/1: the store does not deliver the object's "
                "bytes from 600000 on"));
}

TEST_P(PipeChannelNearAndFarTest, BytesThatAreNoGzipFailByName) {
  channel_.compression_type = "Gzip";
  store_.add("b", "data/1", gzipped("good"));
  store_.add("b", "data/2", "not packed at all");
  ASSERT_EQ(start(), "started");
  (void)read_epoch(0);
  EXPECT_THAT(failure(), HasSubstr("customer: channel 'train', s3://b/data/2: got \""));
}

TEST_P(PipeChannelNearAndFarTest, TheAlarmIsRaisedBeforeTheReaderSeesAnEnd) {
  channel_.compression_type = "Gzip";
  store_.add("b", "data/1", "not packed at all");
  ASSERT_EQ(start(), "started");
  (void)read_epoch(0);
  EXPECT_TRUE(alarm_.raised().stop_requested());
}

TEST_P(PipeChannelNearAndFarTest, AnObjectTooLargeForARecordIsRefusedBeforeTheStart) {
  channel_.record_wrapper_type = "RecordIO";
  store_.add_sparse("b", "data/1", std::int64_t{1} << 29);
  EXPECT_EQ(start(),
            "customer: channel 'train', s3://b/data/1: got \"536870912 bytes\", expected at most "
            "536870911 bytes, because RecordWrapperType RecordIO makes it one record. Split the "
            "object, or set RecordWrapperType to None.");
}

TEST_P(PipeChannelNearAndFarTest, APrefixThatMatchesNothingIsRefused) {
  EXPECT_EQ(start(),
            "customer: channel 'train': No S3 objects found under S3 URL \"s3://b/data/\" given in "
            "input data source. Upload the data first.");
}

/// What the kernel gives a process that only moves bytes: two gigabytes must not become memory.
TEST_P(PipeChannelNearAndFarTest, MemoryDoesNotGrowWithTheObject) {
  const auto peak = [] {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
      if (word == "VmHWM:") {
        std::int64_t kilobytes = 0;
        status >> kilobytes;
        return kilobytes;
      }
    }
    return std::int64_t{-1};
  };
  constexpr std::int64_t kSize = std::int64_t{2} << 30;
  store_.add_sparse("b", "data/1", kSize);
  ASSERT_EQ(start(), "started");
  const std::int64_t before = peak();
  const Fd reader = open_epoch(0);
  std::vector<char> block(1 << 20);
  std::int64_t total = 0;
  for (ssize_t got = 1; got > 0; total += got)
    got = ::read(reader.get(), block.data(), block.size());
  EXPECT_EQ(total, kSize);
  EXPECT_LT(peak() - before, 16 * 1024) << "kB";
}

TEST_F(PipeChannelTest, AnObjectReplacedAfterTheListingIsDeliveredAsItWasWhereTheStoreIsHere) {
  store_.add("b", "data/1", "old");
  ASSERT_EQ(start(), "started");
  const fs::path old = store_.path("b", "data/1");
  store_.add("b", "data/1", "new");
  fs::remove(old);  // as the store does with a version that nobody lists any more
  EXPECT_EQ(read_epoch(0), "old");
  EXPECT_EQ(read_epoch(1), "old");
}

TEST_F(PipeChannelTest, AnObjectReplacedAfterTheListingFailsTheJobWhereTheStoreIsElsewhere) {
  store_.elsewhere = true;
  store_.add("b", "data/1", "old");
  ASSERT_EQ(start(), "started");
  EXPECT_EQ(read_epoch(0), "old");
  store_.add("b", "data/1", "new");
  EXPECT_EQ(read_epoch(1), "");
  EXPECT_EQ(failure(),
            "customer: channel 'train', s3://b/data/1: the object was changed after the job had "
            "listed it. Start the job again, and leave its data as it is until the job has ended.");
}

TEST_F(PipeChannelTest, AnObjectDeletedAfterTheListingFailsTheJobWhereTheStoreIsElsewhere) {
  store_.elsewhere = true;
  store_.add("b", "data/1", "old");
  ASSERT_EQ(start(), "started");
  store_.remove("b", "data/1");
  (void)read_epoch(0);
  EXPECT_THAT(failure(),
              HasSubstr("customer: channel 'train', s3://b/data/1: the object was deleted"));
}

TEST_F(PipeChannelTest, AFileReplacedBetweenListingAndPinningIsAskedOfTheStore) {
  store_.add("b", "data/1", "old");
  store_.after_locate = [&] {
    fs::remove(store_.path("b", "data/1"));
    store_.add("b", "data/1", "new");
  };
  ASSERT_EQ(start(), "started");
  (void)read_epoch(0);
  EXPECT_THAT(failure(), HasSubstr("the object was changed after the job had listed it"));
}

TEST_F(PipeChannelTest, ABrokenConnectionIsTakenUpWhereItBroke) {
  store_.elsewhere = true;
  store_.breaks_after = 300'000;
  const std::string large = numbered_text(2'000'000);
  store_.add("b", "data/1", large);
  ASSERT_EQ(start(), "started");
  EXPECT_TRUE(read_epoch(0) == large);
  EXPECT_GE(store_.opened, 7);
}

TEST_F(PipeChannelTest, AnOutageOfTheDaemonInTheMiddleIsSatOut) {
  store_.elsewhere = true;
  store_.breaks_after = 300'000;
  store_.after_open = [&] { store_.fail_next = 4; };
  const std::string large = numbered_text(1'000'000);
  store_.add("b", "data/1", large);
  ASSERT_EQ(start(), "started");
  EXPECT_TRUE(read_epoch(0) == large);
}

TEST_F(PipeChannelTest, ADaemonThatDoesNotComeBackFailsTheJobWhenPatienceIsExhausted) {
  store_.elsewhere = true;
  patience_.limit = std::chrono::milliseconds(200);
  store_.add("b", "data/1", "one");
  ASSERT_EQ(start(), "started");
  store_.fail_next = 1'000'000;
  (void)read_epoch(0);
  EXPECT_EQ(
      failure(),
      "platform: channel 'train', s3://b/data/1: connecting to the daemon: Connection refused");
}

TEST_F(PipeChannelTest, EndsWhileItWaitsForTheDaemon) {
  store_.elsewhere = true;
  store_.add("b", "data/1", "one");
  ASSERT_EQ(start(), "started");
  patience_.limit = std::chrono::hours(1);
  store_.fail_next = 1'000'000;
  const Fd reader = open_epoch(0);
  feed_->finish();
}

TEST_F(PipeChannelTest, ChannelsAreIndependent) {
  store_.add("b", "data/1", "one");
  ASSERT_EQ(start(), "started");
  const std::unique_ptr<ChannelFeed> train = std::move(feed_);
  channel_.channel_name = "validation";
  ASSERT_EQ(start(), "started");
  for (int epoch = 0; epoch < 3; ++epoch) EXPECT_EQ(read_epoch(epoch), "one");
  FdSource other(open_for_reading(workspace_.readable_paths().fifo("validation", 0)));
  EXPECT_EQ(read_all(other, 100, "validation"), "one");
  train->finish();
}

TEST_F(PipeChannelTest, AStopWhileListingStartsNothing) {
  store_.add("b", "data/1", "one");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(start(stop.get_token()), "started");
  EXPECT_FALSE(fs::exists(fifo(0)));
  feed_->finish();
}

TEST_F(PipeChannelTest, AnUnknownCompressionIsRefusedByName) {
  channel_.compression_type = "Zstd";
  EXPECT_EQ(start(),
            "customer: channel 'train', CompressionType: got \"Zstd\", expected None or Gzip.");
}

}  // namespace
}  // namespace millrace::runner
