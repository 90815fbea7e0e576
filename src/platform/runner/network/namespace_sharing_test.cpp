#include "platform/runner/network/namespace_sharing.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "core/base/error.h"
#include "core/base/random.h"

namespace millrace::runner {
namespace {

ino_t inode_of(const Fd& fd) {
  struct stat status {};
  return ::fstat(fd.get(), &status) == 0 ? status.st_ino : 0;
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
  }
  giver.wait_for(2, {});
}

TEST_F(NamespaceSharingTest, AHostThatComesFirstWaitsForTheFirst) {
  const NetworkNamespace own = namespace_of(::getpid());
  NetworkNamespace taken;
  std::jthread waiting([&] { taken = take_namespace(path_, {}); });
  NamespaceGiver giver(path_, own);
  giver.wait_for(1, {});
  waiting.join();
  EXPECT_EQ(inode_of(taken.network), inode_of(own.network));
  EXPECT_FALSE(taken.user) << "it is this process's own, and cannot be joined again";
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
