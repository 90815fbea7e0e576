#include "platform/runner/mounts/read_ahead.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <random>

#include "platform/runner/fake_daemon_for_test.h"

namespace millrace::runner {
namespace {

class ReadAheadTest : public testing::Test {
 protected:
  void add(const std::string& key, std::int64_t size) {
    std::string content(static_cast<std::size_t>(size), '\0');
    for (std::size_t i = 0; i < content.size(); ++i)
      content[i] = static_cast<char>(i * 31 + i / 251);
    store_.add("b", key, content);
    contents_.push_back(std::move(content));
  }
  std::unique_ptr<ReadAhead> reader(const ReadAheadLimits& limits = {}) {
    for (const auto& each : connect_()->locate({.bucket = "b", .prefix = ""}).objects) {
      objects_.push_back({.path = each.key,
                          .object = {.bucket = "b", .key = each.key},
                          .e_tag = each.e_tag,
                          .size = each.size});
    }
    return std::make_unique<ReadAhead>(objects_, connect_, patience_, limits, meter_,
                                       [](const ViewedObject&, const Error&) {});
  }
  static std::string read(ReadAhead& reader, std::uint64_t handle, std::int64_t offset,
                          std::size_t size) {
    std::promise<std::string> promise;
    reader.read(handle, offset, size, [&](auto spans, int error) {
      std::string bytes = error == 0 ? "" : "error";
      for (const auto& span : spans) bytes.append(span.data(), span.size());
      promise.set_value(bytes);
    });
    return promise.get_future().get();
  }

  FakeStore store_;
  ChannelMeter meter_;
  std::vector<std::string> contents_;
  std::vector<ViewedObject> objects_;
  ConnectDaemon connect_ = store_.connector();
  Patience patience_{.limit = std::chrono::seconds(5)};
};

TEST_F(ReadAheadTest, ReadsGiveTheObjectsBytesWhateverTheirOrder) {
  add("a", 7'000'003);
  const auto reading = reader();
  std::mt19937 random(1);
  for (const std::size_t step : {100'000U, 1U << 20}) {
    const std::uint64_t handle = reading->open(0);
    std::vector<std::int64_t> offsets;
    for (std::int64_t at = 0; at < 7'000'003; at += static_cast<std::int64_t>(step))
      offsets.push_back(at);
    for (const int order : {0, 1, 2}) {
      if (order == 1) std::reverse(offsets.begin(), offsets.end());
      if (order == 2) std::shuffle(offsets.begin(), offsets.end(), random);
      for (const std::int64_t at : offsets) {
        ASSERT_TRUE(read(*reading, handle, at, step) ==
                    contents_[0].substr(static_cast<std::size_t>(at), step))
            << order << " " << at;
      }
    }
    reading->close(handle);
  }
}

TEST_F(ReadAheadTest, CountsWhatIsReadEachObjectOnceAndTheTimeThatReadsWait) {
  add("a", 3'000'000);
  add("b", 1000);
  add("c", 10);
  store_.after_open = [] { std::this_thread::sleep_for(std::chrono::milliseconds(100)); };
  auto reading = reader();
  for (int time = 0; time < 2; ++time) {
    const std::uint64_t handle = reading->open(0);
    for (std::int64_t at = 0; at < 3'000'000; at += 500'000) read(*reading, handle, at, 500'000);
    reading->close(handle);
  }
  const std::uint64_t handle = reading->open(1);
  read(*reading, handle, 0, 4096);
  read(*reading, handle, 4096, 4096);
  reading.reset();
  EXPECT_EQ(meter_.bytes, 6'001'000);
  EXPECT_EQ(meter_.objects, 2);
  EXPECT_GE(meter_.reader_waits.seconds(), 0.1);
  EXPECT_LE(meter_.reader_waits.seconds(), meter_.delivering.seconds() + 1e-6);
}

TEST_F(ReadAheadTest, ReadsThatNobodyAnswersWaitNoLongerThanTheView) {
  add("a", 3'000'000);
  auto reading = reader();
  store_.fail_next = 1'000'000;
  const std::uint64_t handle = reading->open(0);
  std::promise<int> answered;
  reading->read(handle, 0, 1000, [&](auto, int error) { answered.set_value(error); });
  reading->abort();
  EXPECT_EQ(answered.get_future().get(), EIO);
  reading.reset();
  EXPECT_EQ(meter_.bytes, 0);
  const double waited = meter_.reader_waits.seconds();
  EXPECT_EQ(meter_.reader_waits.seconds(ChannelMeter::Clock::now() + std::chrono::hours(1)),
            waited);
}

TEST_F(ReadAheadTest, MemoryIsBoundedHoweverManyObjectsAreOpen) {
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) add(name, 12'000'000);
  const ReadAheadLimits limits{.connections = 2, .max_buffered_bytes = 8 << 20};
  const auto reading = reader(limits);
  std::vector<std::uint64_t> handles;
  for (std::size_t i = 0; i < 8; ++i) handles.push_back(reading->open(i));
  std::int64_t most = 0;
  for (std::int64_t at = 0; at < 12'000'000; at += 1 << 20) {
    for (std::size_t i = 0; i < 8; ++i) {
      ASSERT_TRUE(read(*reading, handles[i], at, 1 << 20) ==
                  contents_[i].substr(static_cast<std::size_t>(at), 1 << 20));
      most = std::max(most, reading->buffered_bytes());
    }
  }
  // What the two connections fill, and what the one read waits for, come on top.
  EXPECT_LE(most, limits.max_buffered_bytes + 4 * kBlockBytes);
}

TEST_F(ReadAheadTest, ALookAtAHeaderFetchesLittleAndALongReadMuchAtOnce) {
  add("a", 64'000'000);
  const auto reading = reader();
  const std::uint64_t handle = reading->open(0);
  EXPECT_EQ(read(*reading, handle, 0, 4096).size(), 4096U);
  EXPECT_LE(reading->buffered_bytes(), 4 * kBlockBytes);
  for (std::int64_t at = 4096; at < 60'000'000; at += 1 << 20) read(*reading, handle, at, 1 << 20);
  EXPECT_LE(store_.opened, 64) << "pieces grow to two megabytes";
}

TEST_F(ReadAheadTest, SmallObjectsReadInOrderAreFetchedInAdvanceAndOnce) {
  for (int i = 100; i < 300; ++i) add("file" + std::to_string(i), 1000);
  const auto reading = reader();
  for (std::size_t i = 0; i < 200; ++i) {
    const std::uint64_t handle = reading->open(i);
    ASSERT_TRUE(read(*reading, handle, 0, 4096) == contents_[i]);
    reading->close(handle);
  }
  EXPECT_EQ(store_.opened, 200);
}

TEST_F(ReadAheadTest, SmallObjectsReadInAnyOrderAreNotFetchedInAdvance) {
  for (int i = 100; i < 300; ++i) add("file" + std::to_string(i), 1000);
  const auto reading = reader();
  for (const std::size_t i : {150U, 20U, 180U, 90U, 40U}) {
    const std::uint64_t handle = reading->open(i);
    ASSERT_TRUE(read(*reading, handle, 0, 4096) == contents_[i]);
    reading->close(handle);
  }
  EXPECT_EQ(store_.opened, 5);
}

}  // namespace
}  // namespace millrace::runner
