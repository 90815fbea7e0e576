#include "core/http/feed_lane.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <memory>

#include "core/base/error.h"

namespace millrace::http {
namespace {

constexpr int kLongEnoughMillis = 20'000;

/// A feed over a pair of local sockets, whose end is told at once, whatever lies unread before it.
class FeedLaneTest : public ::testing::Test {
 protected:
  FeedLaneTest() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw_errno("socketpair");
    reader_ = Fd(ends[0]);
    Socket socket(Fd(ends[1]), std::chrono::hours(1), Blame::Customer, "reader");
    lane_.take(std::make_unique<Connection>(std::move(socket), Connection::Limits{}, waiting_),
               [&](std::shared_ptr<Feed> feed) { feed_ = std::move(feed); });
  }

  [[nodiscard]] bool awaits(short events) const {
    pollfd waits{.fd = reader_.get(), .events = events, .revents = 0};
    return ::poll(&waits, 1, kLongEnoughMillis) == 1;
  }

  Fd reader_;
  std::atomic<std::int64_t> waiting_{0};
  FeedLane lane_{std::chrono::hours(1)};
  std::shared_ptr<Feed> feed_;
};

TEST_F(FeedLaneTest, AReaderThatIsCutOffIsSentNothingMore) {
  const std::string block(std::size_t{64} * 1024, 'x');
  while (Feed::write(feed_, block)) {
  }
  EXPECT_TRUE(feed_->over());
  EXPECT_TRUE(awaits(POLLRDHUP)) << "the connection is closed although its reader takes nothing";
}

TEST_F(FeedLaneTest, WhatIsBeingSentCountsAsUntaken) {
  ASSERT_TRUE(Feed::write(feed_, std::string(Feed::kMaxWaitingBytes - 100'000, 'x')));
  ASSERT_TRUE(awaits(POLLIN));
  // A local socket holds a few hundred kB; the rest of the first text is still untaken.
  EXPECT_FALSE(Feed::write(feed_, std::string(Feed::kMaxWaitingBytes / 2, 'y')));
}

TEST_F(FeedLaneTest, AReaderThatTakesWhatComesGetsAllOfIt) {
  std::size_t received = 0;
  std::string block(std::size_t{256} * 1024, 'z');
  const std::size_t whole = 20 * block.size();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Feed::write(feed_, block)) << i;
    while (received < (static_cast<std::size_t>(i) + 1) * block.size()) {
      ASSERT_TRUE(awaits(POLLIN));
      std::array<char, 65536> bytes{};
      const ssize_t got = ::recv(reader_.get(), bytes.data(), bytes.size(), 0);
      ASSERT_GT(got, 0);
      received += static_cast<std::size_t>(got);
    }
  }
  Feed::end(feed_);
  EXPECT_TRUE(awaits(POLLRDHUP));
  EXPECT_EQ(received, whole);
}

}  // namespace
}  // namespace millrace::http
