#include "platform/fleet/instance_socket.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/workload.h"
#include "core/io/fd_message.h"
#include "core/io/short_path.h"

namespace millrace::fleet {
namespace {

[[noreturn]] void refuse(std::string_view why) {
  throw Error(Blame::Platform, "the model's server cannot be reached: " + std::string(why));
}

void limit_waiting(const Fd& socket, std::chrono::milliseconds timeout) {
  const timeval limit{.tv_sec = timeout.count() / 1000, .tv_usec = timeout.count() % 1000 * 1000};
  // Of a UNIX socket the first one also limits how long connect() waits for a place in the queue.
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0)
    throw_errno("limiting the time of a connection");
}

}  // namespace

std::filesystem::path instance_socket(const std::filesystem::path& data_dir,
                                      std::string_view workload, std::string_view host) {
  return data_dir / "work" / workload / host / millrace::instance_socket::kName;
}

Fd connect_to_instance(const std::filesystem::path& path, std::chrono::milliseconds timeout) {
  std::error_code failure;
  if (!std::filesystem::is_directory(path.parent_path(), failure))
    refuse("its instance has not started yet, or is gone");
  const ShortPath short_path(path);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, short_path.name().data(),
              std::min(short_path.name().size(), sizeof name.sun_path - 1));
  const Fd supervisor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!supervisor) throw_errno("connecting to a model's server: socket");
  limit_waiting(supervisor, timeout);
  if (::connect(supervisor.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED)
      refuse("its instance has not started yet, or is gone");
    if (errno == EAGAIN) refuse("its instance takes no connection");
    refuse(std::strerror(errno));
  }

  // The message may come in pieces; the descriptor comes with the first.
  std::array<char, 1 + millrace::instance_socket::kMaxReasonBytes> text;
  std::size_t length = 0;
  Fd server;
  while (length < text.size() && !server) {
    auto message = receive_with_fd(supervisor.get(), std::span(text).subspan(length));
    if (!message && errno == EAGAIN) refuse("its instance does not answer");
    if (!message) refuse(std::strerror(errno));
    if (message->length == 0) break;
    length += message->length;
    server = std::move(message->fd);
  }
  if (server && text[0] == millrace::instance_socket::kConnected) return server;
  if (length > 0 && text[0] == millrace::instance_socket::kRefused)
    refuse(printable({text.data() + 1, length - 1}, millrace::instance_socket::kMaxReasonBytes));
  refuse("its instance broke off. It is ending or was killed");
}

}  // namespace millrace::fleet
