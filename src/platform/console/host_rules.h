#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::console {

/// Which hosts the console answers as. A page of somebody else's can have its own name resolve to
/// this machine (DNS rebinding) and then is, to a browser, of the same origin as the console; its
/// name in the Host field tells. Addresses are safe: a browser goes to the address that it names.
class HostRules {
 public:
  /// `address`: where the daemon listens, "127.0.0.1" or "0.0.0.0". Besides what is said here,
  /// "localhost", every address and, where other machines are listened to, this machine's own name
  /// are answered as; `names` are those it has beyond.
  HostRules(std::string_view address, std::vector<std::string> names);

  /// `host` is a Host field, with or without a port, which does not matter: it may be forwarded.
  [[nodiscard]] bool allow(std::string_view host) const;
  /// Whether a request with this Origin field comes from a page of the host it was sent to.
  [[nodiscard]] static bool same_origin(std::string_view origin, std::string_view host);

 private:
  std::vector<std::string> names_;
};

}  // namespace millrace::console
