#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/http/secure_stream.h"
#include "platform/tls/authority.h"

namespace millrace::tls {

/// What the server's side of every TLS connection has in common: versions 1.2 and 1.3, ciphers with
/// forward secrecy and authenticated encryption only, HTTP/1.1 as the one protocol, and who the
/// server says it is.
///
/// The process must ignore SIGPIPE.
class ServerContext {
 public:
  /// Certificates are made by `authority`, which must outlive this, for the name that the client
  /// asks for.
  explicit ServerContext(Authority& authority);
  /// The operator's own: PEM files, the certificate followed by its chain. Throws Error(Customer)
  /// that names the file when they cannot be used.
  ServerContext(const std::filesystem::path& certificate, const std::filesystem::path& key);
  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;

  /// The server's side on a connected, non-blocking socket that outlives it. `host` is what the
  /// client wants to reach if it names nothing in its handshake. Many threads at once.
  [[nodiscard]] std::unique_ptr<http::SecureStream> accept(int fd, std::string host) const;

 private:
  ServerContext();

  ServerSettings settings_;
};

/// The local address of a connected socket, "127.0.0.1" or "::1"; "localhost" for a UNIX socket.
std::string local_address(int fd);

}  // namespace millrace::tls
