#include "core/base/team.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace millrace {
namespace {

TEST(Team, GoesThroughEachLoopOnceWhateverItsLength) {
  Team team(3);
  for (const std::size_t count : {0, 1, 2, 3, 1000}) {
    std::vector<int> times(count);
    team.for_each(count, [&](std::size_t i) { ++times[i]; });
    EXPECT_EQ(times, std::vector<int>(count, 1));
  }
}

TEST(Team, StartsItsThreadsOnceAndNotForEachLoop) {
  Team team(3);
  std::mutex mutex;
  std::set<pid_t> seen;  // numbers are not used again soon
  for (int loop = 0; loop < 200; ++loop) {
    team.for_each(8, [&](std::size_t) {
      const std::lock_guard lock(mutex);
      seen.insert(::gettid());
    });
  }
  EXPECT_LE(seen.size(), 3U);
}

TEST(Team, OneThreadIsTheCallers) {
  Team team(1);
  team.for_each(5, [caller = std::this_thread::get_id()](std::size_t) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
  });
}

TEST(Team, RethrowsWhatABodyThrewAndGoesOn) {
  Team team(3);
  for (int loop = 0; loop < 20; ++loop) {
    EXPECT_THROW(team.for_each(100,
                               [](std::size_t i) {
                                 if (i == 7) throw std::runtime_error("seven");
                               }),
                 std::runtime_error);
    std::vector<int> times(100);
    team.for_each(100, [&](std::size_t i) { ++times[i]; });
    EXPECT_EQ(std::accumulate(times.begin(), times.end(), 0), 100);
  }
}

}  // namespace
}  // namespace millrace
