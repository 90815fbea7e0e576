#pragma once

#include <sys/types.h>

#include <cstdint>
#include <mutex>
#include <string>

#include "core/base/fd.h"
#include "platform/runner/network/namespace.h"

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
/// The same process listens in the namespace where programs expect the daemon, and hands out what
/// connects there.
class NamespaceDoor final : public Door {
 public:
  struct Options {
    std::uint16_t server_port = 8080;
    std::uint16_t daemon_port = 0;  ///< 0: nothing listens for programs
    /// IPv4, in dotted form, where it listens for them; empty: on any, so that whatever the daemon
    /// is called leads here.
    std::string daemon_address{};
  };

  /// Joins the namespace. Throws Error(Platform) when it cannot. On the thread with which the
  /// process shall die.
  NamespaceDoor(const NetworkNamespace& inside, const Options& options);
  NamespaceDoor(const NamespaceDoor&) = delete;
  NamespaceDoor& operator=(const NamespaceDoor&) = delete;
  /// Ends the process; what it has handed out goes on.
  ~NamespaceDoor() override;

  Fd connect() override;
  /// What connects to the daemon's port comes out here, one descriptor with each message
  /// (receive_with_fd); at its end the process is gone.
  [[nodiscard]] int arrivals() const { return arrivals_.get(); }
  /// The process, which is in the namespace for as long as this lives.
  [[nodiscard]] pid_t process() const { return process_; }

 private:
  pid_t process_ = -1;
  std::mutex mutex_;  ///< one question at a time
  Fd questions_;
  Fd arrivals_;
};

}  // namespace millrace::runner
