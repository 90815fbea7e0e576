#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/fd.h"
#include "platform/tls/openssl.h"

namespace millrace::tls {

/// OpenSSL's own client, which trusts one authority.
class TlsClient {
 public:
  explicit TlsClient(const std::filesystem::path& trusted)
      : settings_(SSL_CTX_new(TLS_client_method())) {
    std::signal(SIGPIPE, SIG_IGN);
    SSL_CTX_load_verify_locations(settings_.get(), trusted.c_str(), nullptr);
    SSL_CTX_set_verify(settings_.get(), SSL_VERIFY_PEER, nullptr);
  }

  SSL_CTX* settings() { return settings_.get(); }

  /// The handshake on a connected socket; false with reason() when it fails.
  bool shake_hands(Fd fd, const std::string& host) {
    fd_ = std::move(fd);
    session_.reset(SSL_new(settings_.get()));
    SSL_set_tlsext_host_name(session_.get(), host.c_str());
    SSL_set1_host(session_.get(), host.c_str());
    SSL_set_fd(session_.get(), fd_.get());
    if (SSL_connect(session_.get()) == 1) return true;
    const long verdict = SSL_get_verify_result(session_.get());
    reason_ = verdict == X509_V_OK ? openssl_reason() : X509_verify_cert_error_string(verdict);
    return false;
  }
  bool connect(std::uint16_t port, const std::string& host) {
    return shake_hands(connected(port), host);
  }

  void send(std::string_view text) {
    SSL_write(session_.get(), text.data(), static_cast<int>(text.size()));
  }
  /// Everything until the server closes, or `bytes`.
  std::string receive(std::size_t bytes = std::string::npos) {
    std::string all;
    std::string block(64 * 1024, '\0');
    while (all.size() < bytes) {
      const int got = SSL_read(session_.get(), block.data(), static_cast<int>(block.size()));
      if (got <= 0) break;
      all.append(block, 0, static_cast<std::size_t>(got));
    }
    return all;
  }
  SSL* session() { return session_.get(); }
  [[nodiscard]] const std::string& reason() const { return reason_; }

  static Fd connected(std::uint16_t port) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name));
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
  }

 private:
  ServerSettings settings_;
  Fd fd_;
  Session session_;
  std::string reason_;
};

struct TemporaryDirectory {
  std::filesystem::path path;
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "millrace-tls-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }
};

}  // namespace millrace::tls
