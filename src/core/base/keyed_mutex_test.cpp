#include "core/base/keyed_mutex.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
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
  std::optional<KeyedMutex::Lock> first(std::in_place, mutexes, "a");
  std::promise<void> locked;
  const std::jthread other([&] {
    const KeyedMutex::Lock second(mutexes, "b");
    locked.set_value();
  });
  const auto status = locked.get_future().wait_for(std::chrono::seconds(10));
  first.reset();  // or the other would be waited for without end
  EXPECT_EQ(status, std::future_status::ready);
}

}  // namespace
}  // namespace millrace
