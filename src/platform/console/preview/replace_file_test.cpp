#include "platform/console/preview/replace_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/io/file.h"
#include "platform/records/temporary_database.h"

namespace millrace::console {
namespace {

class ReplaceFileTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const {
    return folder_.directory() / name;
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator(folder_.directory()), {});
  }

  const records::TemporaryDatabase folder_;
  const Fd directory_{::open(folder_.directory().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
};

TEST_F(ReplaceFileTest, AFileIsCreatedOnceHoweverManyTry) {
  const std::ptrdiff_t before = files();
  std::atomic<int> made{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 10; ++n) {
        made += create_file(directory_, std::to_string(n), std::to_string(i), 0644) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 10);
  EXPECT_EQ(files() - before, 10);
}

TEST_F(ReplaceFileTest, WhoeverReplacesWhatTheyHaveReadLosesNobodysWork) {
  ASSERT_TRUE(create_file(directory_, "count", "0", 0600));
  const std::ptrdiff_t before = files();
  std::atomic<int> counted{0};
  std::mutex one_at_a_time;  // as UserFiles has it for each place
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 40; ++n) {
        const Fd file(::openat(directory_.get(), "count", O_RDONLY | O_CLOEXEC));
        struct stat read {};
        ASSERT_EQ(::fstat(file.get(), &read), 0);
        char text[16] = {};
        ASSERT_GT(::pread(file.get(), text, sizeof text - 1, 0), 0);
        const std::lock_guard lock(one_at_a_time);
        const bool done =
            replace_file(directory_, "count", std::to_string(std::stoi(text) + 1),
                         [&](const struct stat& status) { return status.st_ino == read.st_ino; });
        counted += done ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(counted, 0);
  EXPECT_EQ(std::stoi(read_file(path("count"))), counted);
  EXPECT_EQ(files(), before);
  struct stat status {};
  ASSERT_EQ(::stat(path("count").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST_F(ReplaceFileTest, AnotherFileStays) {
  ASSERT_TRUE(create_file(directory_, "a", "old", 0644));
  const std::ptrdiff_t before = files();
  EXPECT_FALSE(replace_file(directory_, "a", "new", [](const auto&) { return false; }));
  EXPECT_FALSE(replace_file(directory_, "none", "new", [](const auto&) { return true; }));
  // It is replaced by somebody between the look and the exchange.
  int looks = 0;
  EXPECT_FALSE(replace_file(directory_, "a", "new", [&](const auto&) { return ++looks == 1; }));
  EXPECT_EQ(read_file(path("a")), "old");
  EXPECT_EQ(files(), before);
}

TEST_F(ReplaceFileTest, WhatCannotBeLookedAtAfterTheExchangeIsKept) {
  ASSERT_TRUE(create_file(directory_, "a", "old", 0644));
  int looks = 0;
  EXPECT_THROW(replace_file(directory_, "a", "new",
                            [&](const auto&) {
                              if (++looks == 2) throw std::runtime_error("the disk fails");
                              ::unlinkat(directory_.get(), "a", 0);
                              return create_file(directory_, "a", "somebody's", 0644);
                            }),
               std::runtime_error);
  std::vector<std::string> found;
  for (const auto& file : std::filesystem::directory_iterator(folder_.directory())) {
    const std::string name = file.path().filename();
    if (name == "a" || name.starts_with(".a.")) found.push_back(read_file(file.path()));
  }
  EXPECT_THAT(found, ::testing::UnorderedElementsAre("new", "somebody's"));
}

}  // namespace
}  // namespace millrace::console
