#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <string>
#include <thread>

#include "core/base/fd.h"
#include "core/http/socket.h"
#include "platform/proxy/audit_log.h"
#include "platform/proxy/proxy_request.h"
#include "platform/tls/server_context.h"

namespace millrace::proxy {

struct ForwardProxyOptions {
  std::filesystem::path daemon_socket;  ///< where everything that is let through goes
  /// Hears of every attempt before it is answered; on many threads at once. Where it throws Error,
  /// the attempt is refused with that for its reason: nothing is let through unrecorded.
  std::function<void(const Attempt&)> on_attempt;
};

/// A forward proxy on loopback for programs that know only Amazon's host names. It takes CONNECT to
/// port 443, and plain requests to port 80, of the hosts in served_hosts.h; ends TLS itself, with a
/// certificate for the host; and carries the bytes to the daemon's socket, which finds in them the
/// same requests as in any other connection. There is no other place it could carry them to: no
/// name is resolved and no address is connected to but that socket.
///
/// One thread for each connection: they are those of one command.
class ForwardProxy {
 public:
  /// Binds to a free port of 127.0.0.1; connections wait until start(). `context` must outlive
  /// this.
  ForwardProxy(ForwardProxyOptions options, const tls::ServerContext& context);
  ForwardProxy(const ForwardProxy&) = delete;
  ForwardProxy& operator=(const ForwardProxy&) = delete;
  /// Breaks off all connections.
  ~ForwardProxy();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void start();

 private:
  struct Connection {
    explicit Connection(http::Socket socket) : client(std::move(socket)) {}
    http::Socket client;
    std::atomic<bool> done{false};
    std::jthread thread;
  };

  void accept_until_stopped();
  void admit(Fd accepted);
  void answer(http::Socket& client) const;
  void open_tunnel(http::Socket& client, http::Socket& daemon, const std::string& host) const;
  void pass_on(http::Socket& client, http::Socket& daemon, const std::string& head) const;

  const ForwardProxyOptions options_;
  const tls::ServerContext& context_;
  Fd listener_;
  Fd stop_;  ///< eventfd
  std::uint16_t port_ = 0;
  std::list<Connection> connections_;  ///< of the accepting thread
  std::jthread acceptor_;
};

}  // namespace millrace::proxy
