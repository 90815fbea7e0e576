#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/fd.h"
#include "core/http/message.h"

namespace millrace::http {

/// Where a server listens: TCP, or a UNIX socket when `unix_socket` is not empty.
struct Address {
  std::string host;
  std::uint16_t port = 0;
  std::string unix_socket;
};

/// "http://127.0.0.1:9000" or "unix:/path/to.sock"; Error(Customer) otherwise.
Address parse_address(std::string_view url);

/// What a client sends. `body` with `body_length` unknown travels with chunked coding.
struct Outgoing {
  std::string method;
  std::string target;  ///< path and query, percent-encoded
  Headers headers;
  std::string content;                         ///< a body in memory, or
  ByteSource* stream = nullptr;                ///< a streamed one
  std::optional<std::uint64_t> stream_length;  ///< of `stream`
};

/// The head has been read; `body` must be read to its end, or the connection is not used again.
struct Incoming {
  int status = 0;
  Headers headers;
  std::optional<std::uint64_t> content_length;
  std::unique_ptr<ByteSource> body;  ///< never null; valid until the client sends again or dies
};

/// Blocking HTTP/1.1 client with one kept-alive connection; one thread at a time.
class Client {
 public:
  explicit Client(Address address, std::chrono::seconds io_timeout = std::chrono::seconds(60));
  /// To a server that is reached some other way: `connect` returns a connected stream socket each
  /// time it is called, or throws. `name` is what messages call the server.
  using Connect = std::function<Fd()>;
  Client(Connect connect, std::string name,
         std::chrono::milliseconds io_timeout = std::chrono::seconds(60));
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// Sends and reads the answer's head. A kept-alive connection that turns out closed is opened
  /// again once, for requests whose body is in memory. Throws Error(Platform) naming the address.
  Incoming send(const Outgoing& request);

  /// For a caller that lets the kernel move the last answer's body: the socket, when the body's
  /// next bytes are the socket's own next bytes (a body with Content-Length of which nothing waits
  /// here, having come with the head); at most Incoming's length in all may be taken. nullopt: read
  /// Incoming's body first. took() must be told what was taken.
  [[nodiscard]] std::optional<int> raw_body() const;
  void took(std::uint64_t bytes);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace millrace::http
