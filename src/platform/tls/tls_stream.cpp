#include "platform/tls/tls_stream.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/error.h"

namespace millrace::tls {
namespace {

/// For a client that speaks plain HTTP to a TLS port: what it can read.
constexpr std::string_view kSpeakTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 64\r\n"
    "Connection: close\r\n\r\nThis port speaks HTTPS; the request came as plain HTTP. Use TLS.";

}  // namespace

TlsStream::TlsStream(Session session, int fd, std::string host)
    : host_(std::move(host)), session_(std::move(session)), fd_(fd) {
  if (SSL_set_fd(session_.get(), fd) != 1 || SSL_set_app_data(session_.get(), &host_) != 1)
    throw_openssl("preparing TLS");
  SSL_set_accept_state(session_.get());
}

http::SecureStream::Step TlsStream::receive(std::span<char> target) {
  ERR_clear_error();
  std::size_t got = 0;
  if (SSL_read_ex(session_.get(), target.data(), target.size(), &got) == 1) return {.bytes = got};
  return outcome();
}

http::SecureStream::Step TlsStream::send(std::string_view bytes) {
  ERR_clear_error();
  std::size_t sent = 0;
  if (SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent) == 1) return {.bytes = sent};
  return outcome();
}

http::SecureStream::Step TlsStream::outcome() {
  const int system_error = errno;
  // The queue was empty before the call, so that an error in it is this connection's.
  switch (SSL_get_error(session_.get(), 0)) {
    case SSL_ERROR_WANT_READ:
      return {.want = Want::Input};
    case SSL_ERROR_WANT_WRITE:
      return {.want = Want::Output};
    case SSL_ERROR_ZERO_RETURN:
      return {};
    case SSL_ERROR_SYSCALL:
      over_ = true;
      ERR_clear_error();
      throw Error(Blame::Customer, std::string("TLS broke off: ") + std::strerror(system_error));
    default:
      break;
  }
  over_ = true;
  if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST)
    static_cast<void>(!::send(fd_, kSpeakTls.data(), kSpeakTls.size(), MSG_NOSIGNAL));
  throw Error(Blame::Customer, "TLS failed: " + openssl_reason());
}

bool TlsStream::pending() const {
  return SSL_has_pending(session_.get()) == 1;
}

bool TlsStream::established() const {
  return SSL_is_init_finished(session_.get()) == 1;
}

void TlsStream::finish() noexcept {
  if (std::exchange(over_, true) || !established()) return;
  ERR_clear_error();
  SSL_shutdown(session_.get());  // sends close_notify; that of the peer is not waited for
  ERR_clear_error();
}

}  // namespace millrace::tls
