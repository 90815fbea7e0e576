#include "core/http/read_answer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace millrace::http {
namespace {

using Clock = std::chrono::steady_clock;

/// So many bytes, of which each read gives a few.
class Dripping final : public ByteSource {
 public:
  Dripping(std::size_t bytes, std::size_t at_once) : left_(bytes), at_once_(at_once) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t got = std::min({left_, at_once_, buffer.size()});
    std::fill_n(buffer.begin(), got, 'x');
    left_ -= got;
    return got;
  }

 private:
  std::size_t left_;
  const std::size_t at_once_;
};

std::size_t length(std::size_t bytes, std::size_t at_once, std::size_t limit,
                   Clock::time_point due = Clock::time_point::max()) {
  Dripping source(bytes, at_once);
  const std::string text = read_answer(source, limit, due);
  EXPECT_EQ(text, std::string(text.size(), 'x'));
  return text.size();
}

TEST(ReadAnswer, IsWholeHoweverItComes) {
  constexpr std::size_t kAtOnce = std::numeric_limits<std::size_t>::max();
  for (const std::size_t bytes : {0U, 1U, 4095U, 4096U, 4097U, 100'000U}) {
    EXPECT_EQ(length(bytes, kAtOnce, 200'000), bytes);
    EXPECT_EQ(length(bytes, 100, 200'000), bytes);
  }
}

TEST(ReadAnswer, OneByteMoreThanTheLimitTellsThatThereAreMore) {
  EXPECT_EQ(length(5000, 100, 5000), 5000U);
  EXPECT_EQ(length(5001, 100, 5000), 5001U);
  EXPECT_EQ(length(9000, 9000, 5000), 5001U);
}

TEST(ReadAnswer, EndsWhenTheTimeIsOver) {
  EXPECT_EQ(length(9000, 100, 9000, Clock::time_point::min()), 100U);
}

}  // namespace
}  // namespace millrace::http
