#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace millrace::runner {

/// The port a model's server listens on, and the one that programs find the daemon at when the
/// daemon itself has that.
inline constexpr std::uint16_t kServerPort = 8080;
inline constexpr std::uint16_t kOtherDaemonPort = 8079;

/// Where the daemon is found from inside.
struct InnerAddress {
  std::string address = "127.0.0.1";
  std::uint16_t taken_port = 0;  ///< the program's own; 0: none is
};

/// Turns what `environment` says of the daemon (AWS_ENDPOINT_URL and every variable of the same
/// value) into what leads there from inside a network namespace in which a NamespaceDoor listens:
/// http://127.0.0.1 with the daemon's port, which mostly is what stands there already. Returns the
/// port to listen on; 0 when the environment names no daemon.
std::uint16_t make_endpoint_inner(std::map<std::string, std::string>& environment,
                                  const InnerAddress& inside = {});

}  // namespace millrace::runner
