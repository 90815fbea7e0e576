#include "platform/runner/gpu_usage.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "core/base/random.h"
#include "core/io/file.h"
#include "platform/runner/gpu_watch.h"

namespace millrace::runner {
namespace {

/// Over tests/nvml/fake_nvml.cpp.
class GpusTest : public testing::Test {
 protected:
  GpusTest() { ::setenv("FAKE_NVML", file_.c_str(), 1); }
  ~GpusTest() override {
    ::unsetenv("FAKE_NVML");
    std::filesystem::remove(file_);
  }
  void machine_has(const std::string& lines) {
    std::filesystem::remove(file_);
    write_all(create_for_writing(file_).get(), lines);
  }

  std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("millrace-test-" + random_hex(8));
  Gpus gpus_{MILLRACE_FAKE_NVML};
};

TEST_F(GpusTest, OnlyThoseThatTheJobsProcessesUseCountEachAsAHundred) {
  machine_has(
      "gpu 40 1000 7:250 8:100\n"
      "gpu 99 1000 9:1000\n"
      "gpu 80 2000 9:1000 8:500\n");
  const auto usage = gpus_.usage({7, 8});
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->busy, 120);
  EXPECT_EQ(usage->memory, 60);  // 35 % and 25 %
  EXPECT_FALSE(Gpus(MILLRACE_FAKE_NVML).usage({70}));
}

TEST_F(GpusTest, AGpuThatTheJobHasUsedIsStillItsWhenItIsIdle) {
  machine_has("gpu 40 1000 7:250\ngpu 50 1000\n");
  ASSERT_TRUE(gpus_.usage({7}));
  machine_has("gpu 0 1000\ngpu 50 1000\n");
  const auto usage = gpus_.usage({7});
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->busy, 0);
  EXPECT_EQ(usage->memory, 0);
}

TEST_F(GpusTest, MemoryThatTheDriverGivesNobodyIsAllThatIsTaken) {
  machine_has("gpu 40 1000 7:unknown\n");
  EXPECT_EQ(gpus_.usage({7})->memory, 75);
}

TEST_F(GpusTest, MoreProcessesThanOneListHoldsAreAskedForAgain) {
  std::string line = "gpu 40 10000";
  for (int pid = 1; pid <= 100; ++pid) line += " " + std::to_string(pid) + ":10";
  machine_has(line + "\n");
  std::set<pid_t> all;
  for (pid_t pid = 1; pid <= 100; ++pid) all.insert(pid);
  EXPECT_EQ(gpus_.usage(all)->memory, 10);
}

TEST_F(GpusTest, ALostGpuIsLeftOutAndTheOthersGoOn) {
  machine_has("gpu 40 1000 7:250\ngpu 30 1000 7:500\n");
  EXPECT_EQ(gpus_.usage({7})->busy, 70);
  machine_has("gpu lost\ngpu 30 1000 7:500\n");
  EXPECT_EQ(gpus_.usage({7})->busy, 30);
  machine_has("gpu lost\ngpu lost\n");
  EXPECT_FALSE(gpus_.usage({7}));
}

TEST_F(GpusTest, ThereAreNoneWithoutALibraryThatStartsAndHasWhatIsNeeded) {
  machine_has("init 9\ngpu 40 1000 7:250\n");
  EXPECT_FALSE(gpus_.usage({7}));
  machine_has("gpu 40 1000 7:250\n");
  EXPECT_FALSE(gpus_.usage({7})) << "it is not tried again";
  EXPECT_TRUE(Gpus(MILLRACE_FAKE_NVML).usage({7}));
  EXPECT_FALSE(Gpus(MILLRACE_OLD_FAKE_NVML).usage({7}));
  EXPECT_FALSE(Gpus("/nowhere/libnvidia-ml.so.1").usage({7}));
}

TEST_F(GpusTest, ADriverThatDoesNotAnswerIsNotWaitedFor) {
  machine_has("gpu 40 1000 7:250\n");
  {
    GpuWatch watch({.library = MILLRACE_FAKE_NVML, .patience = std::chrono::seconds(30)});
    EXPECT_EQ(watch.usage({7})->busy, 40);
  }
  machine_has("hang\n");
  {
    GpuWatch watch({.library = MILLRACE_FAKE_NVML, .patience = std::chrono::milliseconds(20)});
    EXPECT_FALSE(watch.usage({7}));
    EXPECT_FALSE(watch.usage({7})) << "and is not asked twice";
  }
  machine_has("gpu 40 1000 7:250\n");  // lets the thread go
}

}  // namespace
}  // namespace millrace::runner
