#include "platform/runner/network/relay.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
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

/// Whether any other thread of this process runs or wants to. One that goes round without waiting
/// does so however little of the machine it gets.
bool others_run() {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == std::to_string(::gettid())) continue;
    std::ifstream file(task.path() / "stat");
    std::string line;
    std::getline(file, line);
    const std::size_t name_end = line.rfind(')');
    if (name_end != std::string::npos && line.substr(name_end).starts_with(") R")) return true;
  }
  return false;
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
  int running = 0;
  for (int look = 0; look < 60; ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (others_run()) ++running;
  }
  // The first looks may still see it close what the daemon closed.
  EXPECT_LT(running, 10);
}

}  // namespace
}  // namespace millrace::runner
