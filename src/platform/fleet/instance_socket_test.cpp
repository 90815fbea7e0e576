#include "platform/fleet/instance_socket.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/http/listener.h"
#include "core/io/fd_message.h"
#include "core/io/short_path.h"

namespace millrace::fleet {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// An instance whose supervisor gives each caller the same answer.
class InstanceSocketTest : public ::testing::Test {
 protected:
  ~InstanceSocketTest() override {
    if (listener_) ::shutdown(listener_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    fs::remove_all(directory_);
  }

  void answer(std::function<void(int)> with) {
    fs::create_directories(path().parent_path());
    listener_ = http::listen_unix(ShortPath(path()).name());
    // Only a blocking accept() notices the shutdown.
    ::fcntl(listener_.get(), F_SETFL, 0);
    thread_ = std::thread([this, with = std::move(with)] {
      for (;;) {
        const Fd caller(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!caller) return;
        with(caller.get());
      }
    });
  }
  [[nodiscard]] fs::path path() const {
    return instance_socket(directory_, "endpoint.churn.AllTraffic.1", "algo-1");
  }
  [[nodiscard]] std::string refusal(
      std::chrono::milliseconds timeout = std::chrono::seconds(5)) const {
    try {
      connect_to_instance(path(), timeout);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Platform);
      return error.what();
    }
    return "none";
  }

  fs::path directory_ = fs::temp_directory_path() / ("instance_socket_test_" + random_hex(6));

 private:
  Fd listener_;
  std::thread thread_;
};

TEST_F(InstanceSocketTest, TheSocketLiesInTheInstancesDirectory) {
  EXPECT_EQ(instance_socket("/data", "endpoint.e.v.1", "algo-1"),
            "/data/work/endpoint.e.v.1/algo-1/instance.sock");
}

TEST_F(InstanceSocketTest, WhatIsHandedOutLeadsToTheServer) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Fd ours(ends[0]);
  const Fd servers(ends[1]);
  answer([&](int caller) { send_with_fd(caller, "c", ours.get()); });
  const Fd connection = connect_to_instance(path());
  ASSERT_EQ(::write(connection.get(), "hello", 5), 5);
  char text[8];
  EXPECT_EQ(::read(servers.get(), text, sizeof text), 5);
}

TEST_F(InstanceSocketTest, ADirectoryWhosePathIsTooLongForASocketIsNoObstacle) {
  directory_ /= std::string(150, 'd');
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Fd ours(ends[0]);
  const Fd servers(ends[1]);
  answer([&](int caller) { send_with_fd(caller, "c", ours.get()); });
  EXPECT_TRUE(connect_to_instance(path()));
  directory_ = directory_.parent_path();
}

TEST_F(InstanceSocketTest, TheSupervisorsReasonIsPassedOnAndCannotForgeLines) {
  answer([](int caller) { send_with_fd(caller, "eit is starting\nnow", -1); });
  EXPECT_THAT(refusal(), HasSubstr("the model's server cannot be reached: it is starting\\x0anow"));
}

TEST_F(InstanceSocketTest, AnInstanceThatIsNotThereIsToldApartFromOneThatIsSilent) {
  EXPECT_THAT(refusal(), HasSubstr("has not started yet, or is gone"));
  fs::create_directories(path().parent_path());
  EXPECT_THAT(refusal(), HasSubstr("has not started yet, or is gone")) << "a directory, no socket";
  answer([](int) { std::this_thread::sleep_for(std::chrono::milliseconds(200)); });
  EXPECT_THAT(refusal(std::chrono::milliseconds(20)), HasSubstr("does not answer"));
}

TEST_F(InstanceSocketTest, ASupervisorThatDiesMeanwhileIsToldToo) {
  answer([](int) {});
  EXPECT_THAT(refusal(), HasSubstr("broke off"));
}

TEST_F(InstanceSocketTest, AConnectionWithoutADescriptorIsNone) {
  answer([](int caller) { send_with_fd(caller, "c", -1); });
  EXPECT_THAT(refusal(), HasSubstr("broke off"));
}

}  // namespace
}  // namespace millrace::fleet
