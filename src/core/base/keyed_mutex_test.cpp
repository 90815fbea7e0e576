#include "core/base/keyed_mutex.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace millrace {
namespace {

TEST(KeyedMutex, OneAtATimeWorksOnEachKey) {
  KeyedMutex mutexes;
  std::array<int, 3> counts{};  // a race on them would lose some, and be seen by a sanitizer
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 3000; ++round) {
        const auto key = static_cast<std::size_t>(round % 3);
        const KeyedMutex::Lock lock(mutexes, std::to_string(key));
        ++counts[key];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counts, (std::array<int, 3>{4000, 4000, 4000}));
}

TEST(KeyedMutex, AnotherKeyIsNotWaitedFor) {
  KeyedMutex mutexes;
  const KeyedMutex::Lock first(mutexes, "a");
  const KeyedMutex::Lock second(mutexes, "b");  // would stand still here
  SUCCEED();
}

}  // namespace
}  // namespace millrace
