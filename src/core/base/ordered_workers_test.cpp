#include "core/base/ordered_workers.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace millrace {
namespace {

TEST(OrderedWorkers, ResultsComeInTheOrderOfTheItemsHoweverLongEachTakes) {
  for (const int threads : {1, 2, 5}) {
    OrderedWorkers<int, std::string> workers(threads, 3, [](int item) {
      std::this_thread::sleep_for(std::chrono::microseconds(item % 3 * 200));
      return std::to_string(item);
    });
    int put = 0, taken = 0;
    for (;;) {
      while (workers.room() && put < 50) workers.put(put++);
      ASSERT_LE(put - taken, 3 * threads);
      if (workers.empty()) break;
      ASSERT_EQ(workers.take(), std::to_string(taken));
      ++taken;
    }
    EXPECT_EQ(taken, 50);
  }
}

TEST(OrderedWorkers, WhatOneItemThrowsIsThrownInItsPlaceAndTheRestGoesOn) {
  OrderedWorkers<int, int> workers(2, 4, [](int item) {
    if (item == 1) throw std::runtime_error("one");
    return item;
  });
  for (int item = 0; item < 4; ++item) workers.put(item);
  EXPECT_EQ(workers.take(), 0);
  EXPECT_THROW(workers.take(), std::runtime_error);
  EXPECT_EQ(workers.take(), 2);
  EXPECT_EQ(workers.take(), 3);
  EXPECT_TRUE(workers.empty());
}

TEST(OrderedWorkers, GoneWithItemsLeftTheyAreDropped) {
  std::atomic<int> made = 0;
  std::atomic<bool> leaving = false;
  {
    OrderedWorkers<int, int> workers(2, 8, [&](int item) {
      leaving.wait(false);
      // A thread that went on would make eight of them, one after another.
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      ++made;
      return item;
    });
    for (int item = 0; item < 16; ++item) workers.put(item);
    EXPECT_EQ(workers.waiting(), 16U);
    leaving = true;
    leaving.notify_all();
  }
  EXPECT_LT(made, 16);
}

}  // namespace
}  // namespace millrace
