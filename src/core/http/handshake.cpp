#include "core/http/handshake.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace millrace::http {

int await_handshake(int fd, std::chrono::milliseconds timeout) {
  pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, static_cast<int>(timeout.count()));
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) return ETIMEDOUT;
  int failure = 0;
  socklen_t size = sizeof failure;
  if (ready < 0 || ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0) return errno;
  return failure;
}

}  // namespace millrace::http
