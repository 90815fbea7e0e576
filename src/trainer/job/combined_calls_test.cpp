#include "trainer/job/combined_calls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <stdexcept>
#include <thread>

namespace millrace {
namespace {

using namespace std::chrono_literals;

/// Longer than any test may take: a wait for it would be seen as a time-out.
constexpr auto kForEver = std::chrono::duration_cast<std::chrono::microseconds>(1h);

struct Question {
  int number = 0;
  int answer = 0;
  std::size_t company = 0;  ///< calls that were run with it
};

void answer_all(std::span<Question* const> all) {
  for (Question* question : all) {
    if (question->number < 0) throw std::runtime_error("negative");
    question->answer = question->number * 2;
    question->company = all.size();
  }
}

/// Announces all visits before the first of them calls.
std::vector<Question> asked_together(CombinedCalls<Question>& calls,
                                     std::vector<Question> questions,
                                     std::atomic<int>* failures = nullptr) {
  std::latch announced(static_cast<std::ptrdiff_t>(questions.size()));
  {
    std::vector<std::jthread> threads;
    for (Question& question : questions) {
      threads.emplace_back([&] {
        auto visit = calls.announce();
        announced.arrive_and_wait();
        try {
          visit.call(question, 1);
        } catch (const std::runtime_error&) {
          if (failures != nullptr) ++*failures;
        }
      });
    }
  }
  return questions;
}

TEST(CombinedCalls, OneThatComesAloneIsRunAtOnce) {
  CombinedCalls<Question> calls(&answer_all, kForEver, 8);
  Question question{.number = 4};
  calls.announce().call(question, 1);
  EXPECT_EQ(question.answer, 8);
  EXPECT_EQ(question.company, 1U);
}

TEST(CombinedCalls, ThoseThatAreAnnouncedAreRunTogether) {
  CombinedCalls<Question> calls(&answer_all, kForEver, 8);
  for (const Question& question : asked_together(calls, {{1}, {2}, {3}})) {
    EXPECT_EQ(question.answer, question.number * 2);
    EXPECT_EQ(question.company, 3U);
  }
}

TEST(CombinedCalls, AVisitThatDoesNotCallIsNoLongerWaitedFor) {
  CombinedCalls<Question> calls(&answer_all, kForEver, 8);
  auto idle = std::make_unique<CombinedCalls<Question>::Visit>(calls);
  Question question{.number = 1};
  std::jthread caller([&] { calls.announce().call(question, 1); });
  idle.reset();
  caller.join();
  EXPECT_EQ(question.answer, 2);
}

TEST(CombinedCalls, NobodyIsWaitedForBeyondTheDelay) {
  CombinedCalls<Question> calls(&answer_all, 100us, 8);
  const auto never_calls = calls.announce();
  Question question{.number = 1};
  calls.announce().call(question, 1);
  EXPECT_EQ(question.company, 1U);
}

TEST(CombinedCalls, ABatchHoldsNoMoreThanItsWeight) {
  CombinedCalls<Question> calls(&answer_all, kForEver, 2);
  std::size_t largest = 0;
  for (const Question& question : asked_together(calls, {{1}, {2}, {3}, {4}, {5}})) {
    EXPECT_EQ(question.answer, question.number * 2);
    largest = std::max(largest, question.company);
  }
  EXPECT_EQ(largest, 2U);
  Question heavy{.number = 9};
  calls.announce().call(heavy, 100);
  EXPECT_EQ(heavy.answer, 18);
}

TEST(CombinedCalls, AFaultyCallHarmsNoOther) {
  CombinedCalls<Question> calls(&answer_all, kForEver, 8);
  std::atomic<int> failures = 0;
  const auto answered = asked_together(calls, {{1}, {-2}, {3}}, &failures);
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(answered[0].answer, 2);
  EXPECT_EQ(answered[1].answer, 0);
  EXPECT_EQ(answered[2].answer, 6);
}

}  // namespace
}  // namespace millrace
