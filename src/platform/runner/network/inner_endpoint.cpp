#include "platform/runner/network/inner_endpoint.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::runner {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

/// Of "http://127.0.0.1:9000" or "https://[::1]:9000/".
std::uint16_t port_of(std::string_view url) {
  const bool tls = url.starts_with("https://");
  std::string_view rest = url;
  rest.remove_prefix(std::min(rest.size(), rest.find("://") + 3));
  while (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || rest.ends_with(']')) return tls ? kHttpsPort : kHttpPort;
  const std::optional<std::int64_t> port = parse_int(rest.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) {
    throw Error(Blame::Platform, Problem{.where = "environment variable AWS_ENDPOINT_URL",
                                         .given = std::string(url),
                                         .expected = "http://HOST:PORT",
                                         .fix = {}});
  }
  return static_cast<std::uint16_t>(*port);
}

}  // namespace

std::uint16_t make_endpoint_inner(std::map<std::string, std::string>& environment,
                                  const InnerAddress& inside) {
  const auto found = environment.find("AWS_ENDPOINT_URL");
  if (found == environment.end() || found->second.empty()) return 0;
  const std::string outer = found->second;
  std::uint16_t port = port_of(outer);
  if (port == inside.taken_port) port = kOtherDaemonPort;
  for (auto& [name, value] : environment) {
    if (value == outer) value = "http://" + inside.address + ":" + std::to_string(port);
  }
  return port;
}

}  // namespace millrace::runner
