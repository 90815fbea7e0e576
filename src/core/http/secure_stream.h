#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace millrace::http {

/// What stands between a socket and its plain bytes where a connection is private: TLS, as
/// platform/tls makes it. HTTP itself knows no cryptography, so that a trainer links none.
///
/// Calls never wait: they say what the socket must be ready for before it is worth calling again.
/// They throw Error(Customer) when the other side breaks the protocol; the connection is then to be
/// closed. A handshake runs inside receive() and send().
class SecureStream {
 public:
  enum class Want { Nothing, Input, Output };
  struct Step {
    std::size_t bytes = 0;  ///< moved; with Want::Nothing, 0 is the end of what the peer sends
    Want want = Want::Nothing;
  };

  SecureStream() = default;
  SecureStream(const SecureStream&) = delete;
  SecureStream& operator=(const SecureStream&) = delete;
  virtual ~SecureStream() = default;

  virtual Step receive(std::span<char> target) = 0;
  /// After Want::Output the next call must begin with the same bytes.
  virtual Step send(std::string_view bytes) = 0;
  /// Bytes have been taken off the socket that receive() has not given out: polling the socket
  /// would not tell of them.
  [[nodiscard]] virtual bool pending() const = 0;
  /// The handshake is over.
  [[nodiscard]] virtual bool established() const = 0;
  /// Tells the peer that nothing more comes, if that can be done at once.
  virtual void finish() noexcept = 0;
};

/// Makes the server's side of one connection on a non-blocking socket that outlives it. Many
/// threads at once.
using SecureStreamFactory = std::function<std::unique_ptr<SecureStream>(int fd)>;

}  // namespace millrace::http
