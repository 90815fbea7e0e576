#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/fd.h"

namespace millrace {

/// Sends `bytes`, at least one, and with them a descriptor of this process where `fd` is one
/// (SCM_RIGHTS, unix(7)): the receiver gets a descriptor of its own for the same open file. False,
/// with errno, when it cannot. Allocates nothing, so that it may be called between fork and exec.
bool send_with_fd(int socket, std::string_view bytes, int fd) noexcept;

struct FdMessage {
  std::size_t length = 0;  ///< bytes received; 0 at the end of the stream
  Fd fd;                   ///< the descriptor that came with them, closed on exec; mostly none
};

/// One receive into `buffer`; nullopt, with errno, when it fails. Allocates nothing.
std::optional<FdMessage> receive_with_fd(int socket, std::span<char> buffer) noexcept;

}  // namespace millrace
