#include "core/io/fd_message.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace millrace {
namespace {

/// Room for one descriptor, aligned as cmsg(3) asks.
union ControlRoom {
  cmsghdr alignment;
  char bytes[CMSG_SPACE(sizeof(int))];
};

}  // namespace

bool send_with_fd(int socket, std::string_view bytes, int fd) noexcept {
  iovec content{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
  msghdr message{};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  ControlRoom room{};
  if (fd >= 0) {
    message.msg_control = room.bytes;
    message.msg_controllen = sizeof room.bytes;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  for (;;) {
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(bytes.size())) return true;
    if (sent >= 0) errno = EMSGSIZE;
    if (sent >= 0 || errno != EINTR) return false;
  }
}

std::optional<FdMessage> receive_with_fd(int socket, std::span<char> buffer) noexcept {
  iovec content{.iov_base = buffer.data(), .iov_len = buffer.size()};
  ControlRoom room{};
  msghdr message{};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = room.bytes;
  // Not all of the room, whose padding would hold a second descriptor that nobody closes.
  message.msg_controllen = CMSG_LEN(sizeof(int));
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return std::nullopt;
  FdMessage received{.length = static_cast<std::size_t>(got), .fd = {}};
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    received.fd = Fd(fd);
  }
  return received;
}

}  // namespace millrace
