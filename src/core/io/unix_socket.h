#pragma once

#include <filesystem>

#include "core/base/fd.h"

namespace millrace {

/// A stream socket, closed on exec, connected to the UNIX socket at `path`, however long that is;
/// `flags` are those of socket(2), such as SOCK_NONBLOCK. An invalid Fd, with errno, when nobody
/// takes it there. Throws Error(Platform) when the directory cannot be opened.
Fd connect_unix(const std::filesystem::path& path, int flags = 0);

}  // namespace millrace
