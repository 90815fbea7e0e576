#pragma once

#include <chrono>

namespace millrace::http {

/// Waits until the handshake of a non-blocking socket that is connecting is over, at most
/// `timeout`. Returns 0, or the errno of its failure.
int await_handshake(int fd, std::chrono::milliseconds timeout);

}  // namespace millrace::http
