#include "platform/runner/serving/relay.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "core/base/error.h"
#include "core/io/fd_message.h"

namespace millrace::runner {
namespace {

struct Pair {
  explicit Pair(int type) {
    int ends[2];
    if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0) throw_errno("socketpair");
    ours = Fd(ends[0]);
    theirs = Fd(ends[1]);
  }
  Fd ours;
  Fd theirs;
};

std::string receive(const Fd& socket) {
  char block[16];
  const ssize_t got = ::recv(socket.get(), block, sizeof block, 0);
  return {block, static_cast<std::size_t>(got > 0 ? got : 0)};
}

/// Of all threads of this process.
std::chrono::microseconds cpu_time() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

/// One program connected to one daemon.
class RelayTest : public ::testing::Test {
 protected:
  RelayTest() { send_with_fd(arrivals_.ours.get(), "a", program_.theirs.get()); }

  Pair arrivals_{SOCK_SEQPACKET};
  Pair program_{SOCK_STREAM};
  Pair daemon_{SOCK_STREAM};
  Relay relay_{arrivals_.theirs.get(), [this] { return std::move(daemon_.theirs); }};
};

TEST_F(RelayTest, BytesGoBothWaysAndTheEndOfOneDirectionLeavesTheOther) {
  program_.theirs.close();
  EXPECT_EQ(::send(program_.ours.get(), "ask", 3, 0), 3);
  EXPECT_EQ(receive(daemon_.ours), "ask");
  ::shutdown(program_.ours.get(), SHUT_WR);
  EXPECT_EQ(receive(daemon_.ours), "");
  EXPECT_EQ(::send(daemon_.ours.get(), "answer", 6, 0), 6);
  EXPECT_EQ(receive(program_.ours), "answer");
}

TEST_F(RelayTest, AConnectionThatTheDaemonHasClosedAndTheProgramKeepsCostsNothing) {
  EXPECT_EQ(::send(program_.ours.get(), "ask", 3, 0), 3);
  EXPECT_EQ(receive(daemon_.ours), "ask");
  daemon_.ours.close();
  EXPECT_EQ(receive(program_.ours), "");
  const std::chrono::microseconds before = cpu_time();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(cpu_time() - before, std::chrono::milliseconds(20));
}

}  // namespace
}  // namespace millrace::runner
