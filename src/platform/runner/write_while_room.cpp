#include "platform/runner/write_while_room.h"

#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"

namespace millrace::runner {

bool is_full() {
  return errno == ENOSPC || errno == EDQUOT;
}

bool write_while_room(int fd, std::string_view bytes, const std::string& where) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0 && is_full()) return false;
    if (wrote < 0) throw_errno(where);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

}  // namespace millrace::runner
