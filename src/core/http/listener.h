#pragma once

#include <cstdint>
#include <string>

#include "core/base/fd.h"

namespace millrace::http {

/// A non-blocking listening TCP socket. Throws Error(Platform) naming address and port.
Fd listen_tcp(const std::string& address, std::uint16_t port);
/// A non-blocking listening UNIX socket of mode 0600. A stale file at `path` is replaced;
/// Error(Platform) when another process answers on it or it is no socket.
Fd listen_unix(const std::string& path);
/// The port a TCP listener got.
std::uint16_t bound_port(const Fd& listener);

}  // namespace millrace::http
