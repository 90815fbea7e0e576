#include "trainer/job/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <latch>
#include <optional>
#include <thread>

#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/job/served_fifos.h"

namespace millrace {
namespace {

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() {
    char name[] = "/tmp/millrace-channel-XXXXXX";
    paths_.base = ::mkdtemp(name);
    std::filesystem::create_directories(paths_.input_data());
  }
  ~ChannelTest() override { std::filesystem::remove_all(paths_.base); }

  [[nodiscard]] Channel channel(const std::string& mode) const {
    return {.name = "train", .config = {.name = "train", .input_mode = mode}, .paths = paths_};
  }
  void file(const std::string& name, std::string_view text) const {
    const std::filesystem::path path = paths_.channel("train") / name;
    std::filesystem::create_directories(path.parent_path());
    write_file_durably(path, text);
  }
  void make_fifo(std::int64_t epoch) const {
    ASSERT_EQ(::mkfifo(paths_.fifo("train", epoch).c_str(), 0600), 0);
  }
  static std::string joined(const Channel& channel, std::int64_t epoch) {
    JoinedEpoch stream(channel.open_epoch(epoch, {}));
    return read_all(stream, 1 << 20, "epoch");
  }
  static std::vector<std::string> streams(const Channel& channel, std::int64_t number) {
    std::vector<std::string> all;
    ChannelEpoch epoch = channel.open_epoch(number, {});
    while (ByteSource* stream = epoch.next())
      all.push_back(epoch.origin() + ": " + read_all(*stream, 1 << 20, "epoch"));
    return all;
  }

  ContractPaths paths_;
};

TEST_F(ChannelTest, FilesAreListedInTheOrderOfTheirKeys) {
  const Channel train = channel("File");
  EXPECT_THROW((void)train.files(), Error);
  for (const char* name : {"c.rec", "b/x.rec", "b-1/x.rec", "a.rec"}) file(name, "x");
  std::vector<std::string> names;
  for (const auto& path : train.files()) names.push_back(train.name_of(path));
  EXPECT_EQ(names,
            (std::vector<std::string>{"channel 'train', a.rec", "channel 'train', b-1/x.rec",
                                      "channel 'train', b/x.rec", "channel 'train', c.rec"}));
}

TEST_F(ChannelTest, APipeChannelHasNoFilesAndSaysSo) {
  try {
    (void)channel("Pipe").files();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "channel 'train': got \"TrainingInputMode Pipe\", expected File or FastFile. "
                 "Set TrainingInputMode or the channel's InputMode to File.");
  }
}

TEST_F(ChannelTest, AnEpochHoldsTheSameBytesInEveryMode) {
  file("a.csv", "1,2\n3,");
  file("b.csv", "4\n");
  file("c.csv", "");
  for (const char* mode : {"File", "FastFile"}) {
    EXPECT_EQ(joined(channel(mode), 0), "1,2\n3,4\n") << mode;
    EXPECT_EQ(joined(channel(mode), 7), "1,2\n3,4\n") << mode;
    EXPECT_EQ(streams(channel(mode), 0),
              (std::vector<std::string>{"channel 'train', a.csv: 1,2\n3,",
                                        "channel 'train', b.csv: 4\n", "channel 'train', c.csv: "}))
        << mode;
  }
  const ServedFifos platform(paths_, "train", {"1,2\n3,4\n", "1,2\n3,4\n"});
  EXPECT_EQ(joined(channel("Pipe"), 0), "1,2\n3,4\n");
  EXPECT_EQ(streams(channel("Pipe"), 1),
            std::vector<std::string>{"channel 'train', epoch 1: 1,2\n3,4\n"});
}

TEST_F(ChannelTest, AReaderThatIsQuickerThanThePlatformWaitsForTheFifoAndForItsWriter) {
  std::latch reading(1);
  std::optional<ServedFifos> platform;
  const std::jthread late([&] {
    reading.wait();
    platform.emplace(paths_, "train", std::vector<std::string>{"late"});
  });
  reading.count_down();
  EXPECT_EQ(joined(channel("Pipe"), 0), "late");
}

TEST_F(ChannelTest, AnEpochMayBeEmpty) {
  const ServedFifos platform(paths_, "train", {""});
  EXPECT_EQ(joined(channel("Pipe"), 0), "");
}

TEST_F(ChannelTest, AStopRequestEndsAReadThatWaits) {
  // For a file that never appears, for a writer that never comes, for bytes that never come.
  for (const int waits_for : {0, 1, 2}) {
    if (waits_for == 1) make_fifo(0);
    const Fd writer(waits_for < 2 ? -1 : ::open(paths_.fifo("train", 0).c_str(), O_RDWR));
    const Channel train = channel("Pipe");
    std::stop_source stop;
    std::latch begun(1);
    const std::jthread stopper([&] {
      begun.wait();
      stop.request_stop();
    });
    JoinedEpoch stream(train.open_epoch(0, stop.get_token()));
    begun.count_down();
    char byte[1];
    try {
      (void)stream.read(byte);
      ADD_FAILURE() << waits_for;
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(),
                   "channel 'train', epoch 0: a stop was requested while it was being read");
    }
  }
}

TEST_F(ChannelTest, AFileInPlaceOfTheFifoIsRefused) {
  write_file_durably(paths_.fifo("train", 0), "x");
  EXPECT_THROW((void)joined(channel("Pipe"), 0), Error);
}

TEST_F(ChannelTest, TheMediaTypeIsFreeOfParametersAndCase) {
  Channel train = channel("File");
  EXPECT_EQ(train.media_type(), "");
  train.config.content_type = "Application/X-RecordIO ; label-format=class-id";
  EXPECT_EQ(train.media_type(), "application/x-recordio");
}

}  // namespace
}  // namespace millrace
