#pragma once

#include "core/http/secure_stream.h"

namespace millrace::proxy {

/// Carries bytes both ways between a client and the daemon until the daemon has said its last, or
/// either breaks off. Both descriptors are non-blocking; `client` is what is spoken on `client_fd`.
/// The daemon is told when the client has said its last, and what it has said is delivered even
/// when it takes no more of the request. Ends early once `stop_fd` is readable. Throws Error when
/// the client breaks its protocol.
void relay(http::SecureStream& client, int client_fd, int daemon_fd, int stop_fd);

}  // namespace millrace::proxy
