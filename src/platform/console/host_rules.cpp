#include "platform/console/host_rules.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace millrace::console {
namespace {

/// Without its port and the brackets of an IPv6 address.
std::string_view name_of(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    return end == std::string_view::npos ? std::string_view() : host.substr(1, end - 1);
  }
  return host.substr(0, host.rfind(':'));
}

bool is_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

}  // namespace

HostRules::HostRules(std::string_view address, std::vector<std::string> names)
    : names_(std::move(names)) {
  names_.emplace_back("localhost");
  const std::string listened(address);
  if (!is_address(listened)) names_.push_back(listened);
  if (!is_loopback(address)) {
    std::array<char, 256> own{};
    if (::gethostname(own.data(), own.size() - 1) == 0) names_.emplace_back(own.data());
  }
}

bool HostRules::allow(std::string_view host) const {
  const std::string name(name_of(host));
  if (is_address(name)) return true;
  return std::any_of(names_.begin(), names_.end(),
                     [&](const std::string& known) { return equal_ignoring_case(known, name); });
}

bool HostRules::same_origin(std::string_view origin, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) return equal_ignoring_case(origin.substr(scheme.size()), host);
  }
  return false;
}

}  // namespace millrace::console
