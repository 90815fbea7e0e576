#include "platform/runner/mounts/object_view.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>
#include <random>
#include <thread>

#include "core/io/file.h"
#include "platform/runner/fake_daemon_for_test.h"

namespace millrace::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

std::string random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

class ObjectViewTest : public testing::Test {
 protected:
  ObjectViewTest() {
    store_.elsewhere = true;
    fs::create_directory(mount_);
  }

  void SetUp() override {
    if (::access("/dev/fuse", R_OK | W_OK) != 0 || ::geteuid() != 0)
      GTEST_SKIP() << "this user may not mount FUSE file systems";
  }

  /// Mounts what the store holds in bucket "b".
  void mount(const ReadAheadLimits& limits = {}) {
    std::vector<ViewedObject> objects;
    for (const auto& object : connect_()->locate({.bucket = "b", .prefix = ""}).objects) {
      objects.push_back({.path = object.key,
                         .object = {.bucket = "b", .key = object.key},
                         .e_tag = object.e_tag,
                         .size = object.size});
    }
    view_.emplace(std::move(objects), mount_, connect_, patience_, limits, meter_,
                  [this](const ViewedObject& object, const Error& error) {
                    const std::lock_guard lock(mutex_);
                    failures_.push_back(object.path + ": " + error.what());
                  });
  }
  std::vector<std::string> failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }
  std::string read(const std::string& path) {
    const Fd file(::open((mount_ / path).c_str(), O_RDONLY | O_CLOEXEC));
    std::string text(1 << 16, '\0');
    std::string all;
    for (;;) {
      const ssize_t got = ::read(file.get(), text.data(), text.size());
      if (got < 0) return std::strerror(errno);  // whatever came before
      if (got == 0) return all;
      all.append(text.data(), static_cast<std::size_t>(got));
    }
  }

  FakeStore store_;
  const fs::path mount_ = store_.directory() / "view";
  ConnectDaemon connect_ = store_.connector();
  Patience patience_{.limit = std::chrono::milliseconds(500)};
  std::mutex mutex_;
  std::vector<std::string> failures_;
  ChannelMeter meter_;
  std::optional<ObjectView> view_;
};

TEST_F(ObjectViewTest, NamesAndSizesAreThereBeforeAnythingIsFetched) {
  store_.add("b", "a.csv", "1,2\n");
  store_.add("b", "cats/1.jpg", "one");
  store_.add("b", "cats/deep/2.jpg", "");
  mount();
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(mount_))
    names.push_back(entry.path().lexically_relative(mount_));
  std::sort(names.begin(), names.end());
  EXPECT_THAT(names, ElementsAre("a.csv", "cats", "cats/1.jpg", "cats/deep", "cats/deep/2.jpg"));
  EXPECT_EQ(fs::file_size(mount_ / "cats/1.jpg"), 3U);
  EXPECT_EQ(store_.opened, 0);
  EXPECT_EQ(read("a.csv"), "1,2\n");
  EXPECT_EQ(read("cats/deep/2.jpg"), "");
  EXPECT_EQ(store_.opened, 1);
}

TEST_F(ObjectViewTest, ASecondReadingCostsNoRequest) {
  const std::string content = random_bytes(5'000'000, 1);
  store_.add("b", "large", content);
  store_.add("b", "small", "tiny");
  mount();
  EXPECT_TRUE(read("large") == content);
  EXPECT_EQ(read("small"), "tiny");
  const int before = store_.opened;
  EXPECT_TRUE(read("large") == content);
  EXPECT_EQ(read("small"), "tiny");
  EXPECT_EQ(store_.opened, before);
}

TEST_F(ObjectViewTest, ReadsAtAnyPlaceGiveTheObjectsBytes) {
  const std::string content = random_bytes(9'000'001, 2);
  store_.add("b", "large", content);
  mount();
  const Fd file(::open((mount_ / "large").c_str(), O_RDONLY | O_CLOEXEC));
  std::mt19937 random(3);
  std::string block(300'000, '\0');
  for (int i = 0; i < 200; ++i) {
    const std::size_t offset = random() % content.size();
    const std::size_t size = 1 + random() % block.size();
    const ssize_t got = ::pread(file.get(), block.data(), size, static_cast<off_t>(offset));
    ASSERT_EQ(static_cast<std::size_t>(got), std::min(size, content.size() - offset));
    ASSERT_TRUE(std::string_view(block.data(), static_cast<std::size_t>(got)) ==
                std::string_view(content).substr(offset, size))
        << offset;
  }
}

TEST_F(ObjectViewTest, NothingCanBeWritten) {
  store_.add("b", "file", "content");
  mount();
  EXPECT_EQ(::open((mount_ / "file").c_str(), O_WRONLY), -1);
  EXPECT_EQ(errno, EROFS);
  EXPECT_EQ(::mkdir((mount_ / "new").c_str(), 0755), -1);
  EXPECT_EQ(errno, EROFS);
}

TEST_F(ObjectViewTest, AnObjectThatWasReplacedGivesAnInputOutputErrorAndAReason) {
  store_.add("b", "file", "listed");
  mount();
  store_.add("b", "file", "replaced");
  EXPECT_EQ(read("file").substr(0, 100), "Input/output error");
  ASSERT_FALSE(failures().empty());
  EXPECT_THAT(failures().front(),
              HasSubstr("file: the object was changed after the job had listed it."));
}

TEST_F(ObjectViewTest, AnObjectThatWasDeletedGivesAnInputOutputErrorAndAReason) {
  store_.add("b", "file", "listed");
  mount();
  store_.remove("b", "file");
  EXPECT_EQ(read("file").substr(0, 100), "Input/output error");
  ASSERT_FALSE(failures().empty());
  EXPECT_THAT(failures().front(),
              HasSubstr("file: the object was deleted after the job had listed it."));
}

TEST_F(ObjectViewTest, AnObjectThatIsShorterThanListedFailsThoughTheStoreAnswers) {
  store_.add("b", "file", random_bytes(3'000'000, 4));
  mount();
  fs::resize_file(store_.path("b", "file"), 2'000'000);
  patience_ = {.limit = std::chrono::hours(1)};
  EXPECT_EQ(read("file").substr(0, 100), "Input/output error");
  ASSERT_FALSE(failures().empty());
  EXPECT_THAT(failures().front(), HasSubstr("Upload the object again."));
}

TEST_F(ObjectViewTest, AStoreThatGoesAwayIsWaitedFor) {
  const std::string content = random_bytes(3'000'000, 5);
  store_.add("b", "file", content);
  mount();
  store_.fail_next = 7;
  EXPECT_TRUE(read("file") == content);
  EXPECT_TRUE(failures().empty());
}

TEST_F(ObjectViewTest, AStoreThatStaysAwayFailsTheReadOnceWaitingIsOver) {
  store_.add("b", "file", "content");
  mount();
  store_.fail_next = 1 << 30;
  EXPECT_EQ(read("file").substr(0, 100), "Input/output error");
  ASSERT_FALSE(failures().empty());
  EXPECT_THAT(failures().front(), HasSubstr("file: connecting to the daemon: Connection refused"));
}

TEST_F(ObjectViewTest, AnAbortAnswersWhatIsUnansweredAndSoDoesTheEnd) {
  patience_ = {.limit = std::chrono::hours(1)};
  std::atomic<int> stumbles = 0;
  store_.after_stumble = [&] { ++stumbles; };
  store_.add("b", "file", "content");
  mount();
  store_.fail_next = 1 << 30;
  std::string result;
  std::jthread reader([&] { result = read("file"); });
  while (stumbles < 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  view_->abort();
  reader.join();
  EXPECT_EQ(result, "Input/output error");
  EXPECT_TRUE(failures().empty());
  view_.reset();
  EXPECT_TRUE(fs::is_empty(mount_));
}

}  // namespace
}  // namespace millrace::runner
