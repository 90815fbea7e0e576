#pragma once

#include <sys/types.h>

#include <cstdint>
#include <mutex>

#include "core/base/fd.h"

namespace millrace::runner {

/// The way to a model's server.
class Door {
 public:
  virtual ~Door() = default;
  /// A non-blocking socket that leads to the server's port; its handshake may not be over. Throws
  /// Error(Platform) when there is none: the server does not listen.
  virtual Fd connect() = 0;
};

/// The server listens on this machine's own loopback interface.
class PortDoor final : public Door {
 public:
  explicit PortDoor(std::uint16_t port) : port_(port) {}
  Fd connect() override;

 private:
  const std::uint16_t port_;
};

/// The server listens in a network namespace of its own, in which there is a loopback interface and
/// nothing else. A process that has joined the namespace makes the sockets and hands them out
/// (SCM_RIGHTS, unix(7)): a socket stays in the namespace in which it was made, whoever uses it. So
/// nobody copies the bytes between daemon and server.
///
/// The same process listens in the namespace where programs expect the daemon, on any of its
/// addresses, and hands out what connects there.
class NamespaceDoor final : public Door {
 public:
  struct Options {
    std::uint16_t server_port = 8080;
    std::uint16_t daemon_port = 0;  ///< 0: nothing listens for programs
  };

  /// Joins the network namespace of process `member`. Throws Error(Platform) when it cannot. On the
  /// thread with which the process shall die.
  NamespaceDoor(pid_t member, const Options& options);
  NamespaceDoor(const NamespaceDoor&) = delete;
  NamespaceDoor& operator=(const NamespaceDoor&) = delete;
  /// Ends the process; what it has handed out goes on.
  ~NamespaceDoor() override;

  Fd connect() override;
  /// What connects to the daemon's port comes out here, one descriptor with each message
  /// (receive_with_fd); at its end the process is gone.
  [[nodiscard]] int arrivals() const { return arrivals_.get(); }

 private:
  pid_t process_ = -1;
  std::mutex mutex_;  ///< one question at a time
  Fd questions_;
  Fd arrivals_;
};

}  // namespace millrace::runner
