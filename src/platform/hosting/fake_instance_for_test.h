#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "core/base/fd.h"
#include "core/contract/workload.h"
#include "core/http/listener.h"
#include "core/http/server.h"
#include "core/io/fd_message.h"
#include "core/io/short_path.h"
#include "platform/fleet/instance_socket.h"

namespace millrace::hosting {

/// What the daemon sees of an instance: its socket, which hands out connections to a model's
/// server.
class FakeInstance {
 public:
  /// Refuses every caller when there is no `model`.
  FakeInstance(const std::filesystem::path& data_dir, const std::string& workload,
               const std::string& host, http::Handler model)
      : path_(fleet::instance_socket(data_dir, workload, host)) {
    if (model)
      server_ =
          std::make_unique<http::Server>(http::ServerOptions{.workers = 16}, std::move(model));
    std::filesystem::create_directories(path_.parent_path());
    listener_ = http::listen_unix(ShortPath(path_).name());
    // Only a blocking accept() notices the shutdown.
    ::fcntl(listener_.get(), F_SETFL, 0);
    thread_ = std::thread([this] { hand_out(); });
  }
  ~FakeInstance() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  FakeInstance(const FakeInstance&) = delete;
  FakeInstance& operator=(const FakeInstance&) = delete;

 private:
  void hand_out() {
    for (;;) {
      const Fd caller(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!caller) return;
      answer(caller.get());
    }
  }

  void answer(int caller) const {
    if (!server_) {
      send_with_fd(caller, std::string(1, instance_socket::kRefused) + "it is being restarted", -1);
      return;
    }
    const Fd line(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(server_->port());
    EXPECT_EQ(::connect(line.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    send_with_fd(caller, std::string(1, instance_socket::kConnected), line.get());
  }

  const std::filesystem::path path_;
  std::unique_ptr<http::Server> server_;
  Fd listener_;
  std::thread thread_;
};

}  // namespace millrace::hosting
