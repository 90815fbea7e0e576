#include "core/http/plain_stream.h"

#include <sys/socket.h>

#include <cerrno>

namespace millrace::http {
namespace {

SecureStream::Step moved(ssize_t bytes, SecureStream::Want otherwise) {
  if (bytes >= 0) return {.bytes = static_cast<std::size_t>(bytes)};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {.want = otherwise};
  throw_errno("the connection broke off");
}

}  // namespace

SecureStream::Step PlainStream::receive(std::span<char> target) {
  ssize_t got = 0;
  do {
    got = ::recv(fd_, target.data(), target.size(), MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  return moved(got, Want::Input);
}

SecureStream::Step PlainStream::send(std::string_view bytes) {
  ssize_t sent = 0;
  do {
    sent = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return moved(sent, Want::Output);
}

void PlainStream::finish() noexcept {
  ::shutdown(fd_, SHUT_WR);
}

}  // namespace millrace::http
