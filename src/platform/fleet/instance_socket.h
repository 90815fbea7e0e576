#pragma once

#include <chrono>
#include <filesystem>
#include <string_view>

#include "core/base/fd.h"

namespace millrace::fleet {

/// Where the supervisor of a model's server hands out connections to it:
/// <data>/work/<workload>/<host>/instance.sock.
std::filesystem::path instance_socket(const std::filesystem::path& data_dir,
                                      std::string_view workload, std::string_view host);

/// A non-blocking TCP socket that leads to the server of the instance whose socket `path` is. The
/// server sees a client on its own loopback interface; what is sent goes to it directly, nobody
/// copies it. The handshake may not be over yet: it ends with the first write that succeeds.
///
/// Throws Error(Platform) saying why there is no connection: nobody answers at the socket (the
/// instance is starting or gone), the supervisor refuses with its reason, or nothing is heard
/// within `timeout`.
Fd connect_to_instance(const std::filesystem::path& path,
                       std::chrono::milliseconds timeout = std::chrono::seconds(2));

}  // namespace millrace::fleet
