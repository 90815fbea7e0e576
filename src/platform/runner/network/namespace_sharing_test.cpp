#include "platform/runner/network/namespace_sharing.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>

#include "core/base/error.h"
#include "core/base/random.h"

namespace millrace::runner {
namespace {

ino_t inode_of(const Fd& fd) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw_errno("looking at a namespace");
  return status.st_ino;
}

/// How often a thread of this process has gone to sleep.
long sleeps_of(pid_t thread) {
  std::ifstream status("/proc/self/task/" + std::to_string(thread) + "/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("voluntary_ctxt_switches:")) return std::stol(line.substr(24));
  }
  return 0;
}

/// A process in a network namespace of its own.
class Member {
 public:
  Member() {
    int ready[2];
    if (::pipe(ready) != 0) throw_errno("pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      const bool made = ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
      static_cast<void>(::write(ready[1], made ? "y" : "n", 1) == 1);
      ::pause();
      ::_exit(0);
    }
    char answer = 0;
    if (::read(ready[0], &answer, 1) != 1 || answer != 'y')
      throw Error(Blame::Platform, "this machine makes no namespaces");
    ::close(ready[0]);
    ::close(ready[1]);
  }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  ~Member() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

class NamespaceSharingTest : public testing::Test {
 protected:
  NamespaceSharingTest() { std::filesystem::create_directories(directory_); }
  ~NamespaceSharingTest() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("namespace_sharing_" + random_hex(6));
  std::filesystem::path path_ = directory_ / "network.sock";
};

TEST_F(NamespaceSharingTest, EveryHostGetsTheNamespaceOfTheFirst) {
  const Member member;
  const NetworkNamespace inside = namespace_of(member.pid());
  ASSERT_TRUE(inside.user) << "a user namespace of its own owns it";
  NamespaceGiver giver(path_, inside);
  for (int host = 2; host <= 3; ++host) {
    const NetworkNamespace taken = take_namespace(path_, {});
    EXPECT_EQ(inode_of(taken.network), inode_of(inside.network));
    EXPECT_EQ(inode_of(taken.user), inode_of(inside.user));
    EXPECT_EQ(taken.name, inside.name);
  }
  giver.wait_for(2, {});
}

TEST_F(NamespaceSharingTest, AHostThatComesFirstWaitsForTheFirst) {
  const Member member;
  const NetworkNamespace inside = namespace_of(member.pid());
  std::promise<pid_t> started;
  auto waiting = std::async(std::launch::async, [&] {
    started.set_value(::gettid());
    return take_namespace(path_, {});
  });
  const auto is_over = [&] {
    return waiting.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready;
  };
  const pid_t thread = started.get_future().get();
  // It has looked for the first host more than once when it has slept as often.
  for (const long before = sleeps_of(thread); sleeps_of(thread) < before + 5;)
    ASSERT_FALSE(is_over()) << "nobody has given it anything";
  NamespaceGiver giver(path_, inside);
  giver.wait_for(1, {});
  const NetworkNamespace taken = waiting.get();
  EXPECT_EQ(inode_of(taken.network), inode_of(inside.network));
  EXPECT_EQ(inode_of(taken.user), inode_of(inside.user));
}

TEST_F(NamespaceSharingTest, AUserNamespaceThatCannotBeJoinedAgainIsNotGiven) {
  const NetworkNamespace own = namespace_of(::getpid());
  NamespaceGiver giver(path_, own);
  const NetworkNamespace taken = take_namespace(path_, {});
  EXPECT_EQ(inode_of(taken.network), inode_of(own.network));
  EXPECT_FALSE(taken.user) << "it is this process's own";
}

TEST_F(NamespaceSharingTest, AStopEndsBothWaits) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(take_namespace(path_, stop.get_token()).network);
  const NetworkNamespace own = namespace_of(::getpid());
  NamespaceGiver giver(path_, own);
  giver.wait_for(1, stop.get_token());
}

}  // namespace
}  // namespace millrace::runner
