#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/http/message.h"
#include "core/http/secure_stream.h"

namespace millrace::http {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: the kernel picks one
  std::optional<std::string>
      unix_socket;             ///< also listen here, mode 0600; a stale file is replaced
  SecureStreamFactory secure;  ///< of TCP connections; none: they are plain HTTP
  int workers = 64;  ///< requests that run at once; each may block on its own socket or disk
  std::size_t max_head_bytes = 64 * 1024;  ///< longer heads are answered with 431
  /// The body of a POST that announces at most so many bytes has arrived whole before the handler
  /// is called, so that a client that sends it slowly costs no thread. 0, and of a PUT, which
  /// brings what is to be stored: the handler reads it as it comes.
  std::size_t whole_body_bytes = 0;
  /// What such bodies may hold in memory while they arrive, all together. Those that come when it
  /// is spent cost a thread each.
  std::int64_t waiting_bytes = std::int64_t{256} << 20;
  std::chrono::seconds idle_timeout{
      75};  ///< between requests of one connection, and for a head to be complete
  std::chrono::seconds io_timeout{
      60};  ///< a peer that neither sends nor takes a byte for so long is cut off; a whole body
            ///< must have arrived so long after its head
};

/// HTTP/1.1 on TCP and optionally a UNIX socket. All workers wait on one epoll; the one that is
/// woken by a request reads its head, runs the handler as an ordinary blocking call and answers,
/// while the others wait for the next event. Idle connections, unfinished heads and slow readers of
/// large files cost no thread; only such files are handed on, to one thread that sends them, and so
/// are answers without an end (feed.h).
class Server {
 public:
  /// Binds and listens; throws Error(Platform) naming address and port when it cannot. `handler`
  /// must outlive it.
  Server(ServerOptions options, Handler handler);
  /// Stops accepting, lets running requests finish for a few seconds, then cuts them off.
  ~Server();

  [[nodiscard]] std::uint16_t port() const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace millrace::http
