#include "core/io/unix_socket.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/io/short_path.h"

namespace millrace {

Fd connect_unix(const std::filesystem::path& path, int flags) {
  const ShortPath short_path(path);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, short_path.name().data(),
              std::min(short_path.name().size(), sizeof name.sun_path - 1));
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (socket &&
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    const int failure = errno;
    socket.close();
    errno = failure;
  }
  return socket;
}

}  // namespace millrace
