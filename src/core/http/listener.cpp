#include "core/http/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "core/base/error.h"

namespace millrace::http {
namespace {

constexpr int kBacklog = 1024;

[[noreturn]] void refuse(const std::string& where, const std::string& why) {
  throw Error(Blame::Platform, "cannot listen on " + where + ": " + why);
}

/// True when some process accepts connections on the UNIX socket.
bool answers(const sockaddr_un& name) {
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return probe &&
         ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) == 0;
}

}  // namespace

Fd listen_tcp(const std::string& address, std::uint16_t port) {
  const std::string where = address + ":" + std::to_string(port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) refuse(where, ::gai_strerror(failure));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);

  Fd listener(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!listener || ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      ::bind(listener.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(listener.get(), kBacklog) != 0) {
    refuse(where, std::strerror(errno));
  }
  return listener;
}

Fd listen_unix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof(name.sun_path)) {
    refuse(path, "the path of a UNIX socket has at most " +
                     std::to_string(sizeof(name.sun_path) - 1) +
                     " bytes. Use a data directory with a shorter name.");
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) refuse(path, "the file exists and is no socket");
    if (answers(name)) refuse(path, "another process is listening there");
    ::unlink(path.c_str());
  }
  Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // Nobody can connect before listen(), so the mode is right from the first moment.
  if (!listener ||
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0 ||
      ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(listener.get(), kBacklog) != 0) {
    refuse(path, std::strerror(errno));
  }
  return listener;
}

std::uint16_t bound_port(const Fd& listener) {
  sockaddr_storage name{};
  socklen_t size = sizeof(name);
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name), &size) != 0)
    throw_errno("getsockname");
  if (name.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6&>(name).sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in&>(name).sin_port);
}

}  // namespace millrace::http
