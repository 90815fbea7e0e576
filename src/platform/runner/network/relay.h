#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "core/base/fd.h"

namespace millrace::runner {

/// Copies bytes both ways between the connections that come in at a NamespaceDoor and new ones to
/// the daemon: what a program sends to AWS_ENDPOINT_URL from inside its namespace. One thread,
/// 128 KiB for each connection; more than kMaxConnections at a time are closed at once, so that a
/// program cannot take this process's descriptors.
class Relay {
 public:
  static constexpr std::size_t kMaxConnections = 256;

  /// A connected stream socket to the daemon; Error when it cannot be had, which the program sees
  /// as a connection that is closed at once.
  using Connect = std::function<Fd()>;

  /// `arrivals` is NamespaceDoor::arrivals(), which must outlive the relay.
  Relay(int arrivals, Connect connect);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  /// Breaks the connections off.
  ~Relay() = default;

  /// Connections that were made to the daemon so far.
  [[nodiscard]] std::int64_t connections() const { return connections_; }

 private:
  std::atomic<std::int64_t> connections_ = 0;
  std::jthread thread_;
};

/// A new connection to the daemon's UNIX socket at `path`, non-blocking. Throws Error(Platform).
Fd connect_to_daemon(const std::string& path);

}  // namespace millrace::runner
