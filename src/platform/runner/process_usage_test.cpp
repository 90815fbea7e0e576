#include "platform/runner/process_usage.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <stdexcept>
#include <vector>

namespace millrace::runner {
namespace {

double seconds_of(clockid_t clock) {
  timespec at{};
  ::clock_gettime(clock, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

/// A child that runs `work`, says that it is done and waits to be killed.
class Child {
 public:
  template <class Work>
  explicit Child(Work work) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      work();
      [[maybe_unused]] const auto written = ::write(ends[1], "x", 1);
      for (;;) ::pause();
    }
    char done = 0;
    EXPECT_EQ(::read(ends[0], &done, 1), 1);
    ::close(ends[0]);
    ::close(ends[1]);
  }
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  pid_t pid_ = -1;
};

void burn(double cpu_seconds) {
  while (seconds_of(CLOCK_PROCESS_CPUTIME_ID) < cpu_seconds) {
  }
}

TEST(ProcessUsage, CountsTheTimeOfChildrenAndOfTheirDeadChildren) {
  const double before = usage_below(::getpid()).cpu_seconds;
  const Child child([] {
    burn(0.1);
    const pid_t grandchild = ::fork();
    if (grandchild == 0) {
      burn(0.2);
      ::_exit(0);
    }
    ::waitpid(grandchild, nullptr, 0);
  });
  const double used = usage_below(::getpid()).cpu_seconds - before;
  EXPECT_GE(used, 0.27);
  EXPECT_LE(used, 0.5);
}

TEST(ProcessUsage, CountsMemoryThatAChildHasTouched) {
  constexpr std::size_t kBytes = 64U << 20;
  const Child idle([] {});
  const std::int64_t before = usage_below(::getpid()).memory_bytes;
  const Child child([] {
    auto* memory = new std::vector<char>(kBytes, 1);
    if (memory->empty()) ::_exit(1);
  });
  const std::int64_t more = usage_below(::getpid()).memory_bytes - before;
  EXPECT_GE(more, static_cast<std::int64_t>(kBytes) * 9 / 10);
  EXPECT_LE(more, static_cast<std::int64_t>(kBytes) * 2);
}

TEST(ProcessUsage, OfAProcessThatDoesNotExistIsNothing) {
  EXPECT_EQ(usage_below(-1).memory_bytes, 0);
}

}  // namespace
}  // namespace millrace::runner
