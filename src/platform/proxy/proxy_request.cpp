#include "platform/proxy/proxy_request.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/base/text.h"

namespace millrace::proxy {
namespace {

using http::Refusal;

constexpr std::string_view kConnect = "CONNECT ";
constexpr std::uint16_t kHttpPort = 80;

/// "host:443", "[::1]:443", "host"; nullopt when malformed or, with no `default_port`, without
/// port.
std::optional<std::pair<std::string, std::uint16_t>> parse_authority(
    std::string_view text, std::optional<std::uint16_t> default_port) {
  const bool v6 = text.starts_with('[');
  const std::size_t end = v6 ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view host = v6 ? text.substr(1, end - 1) : text.substr(0, end);
  const std::string_view rest = text.substr(v6 ? end + 1 : end);
  const bool plain = !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("/?#@\\\"").find(c) == std::string_view::npos;
  });
  if (!plain) return std::nullopt;
  if (rest.empty() && default_port) return std::pair(std::string(host), *default_port);
  const auto port = rest.starts_with(':') ? parse_int(rest.substr(1)) : std::nullopt;
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  return std::pair(std::string(host), static_cast<std::uint16_t>(*port));
}

/// Fields that concern this hop alone (RFC 9110 section 7.6.1).
bool is_of_this_hop(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames{"Connection", "Proxy-Connection", "Keep-Alive",
                                                   "Proxy-Authorization"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view own) { return equal_ignoring_case(name, own); });
}

std::variant<ProxyRequest, Refusal> parse_connect(std::string_view line) {
  line.remove_prefix(kConnect.size());
  const std::size_t end = line.find(' ');
  const auto authority = parse_authority(line.substr(0, end), std::nullopt);
  if (end == std::string_view::npos || !line.substr(end + 1).starts_with("HTTP/1.") || !authority)
    return Refusal{400, "Expected CONNECT HOST:PORT HTTP/1.1."};
  return ProxyRequest{
      .tunnel = true, .host = authority->first, .port = authority->second, .head = {}};
}

}  // namespace

std::variant<ProxyRequest, Refusal> parse_proxy_request(std::string_view head) {
  const std::size_t line_end = head.find("\r\n");
  const std::string_view line = head.substr(0, line_end);
  if (line_end == std::string_view::npos)
    return Refusal{400, "The request line does not end with CR LF."};
  if (line.starts_with(kConnect)) return parse_connect(line);

  // The daemon's own parser decides what is a request; it knows the absolute form that proxies get.
  auto parsed = http::parse_request_head(head);
  if (auto* refusal = std::get_if<Refusal>(&parsed)) return *std::move(refusal);
  const std::size_t target = line.find(' ') + 1;
  constexpr std::string_view kScheme = "http://";
  if (!equal_ignoring_case(line.substr(target, kScheme.size()), kScheme)) {
    return Refusal{400,
                   "This is a forward proxy: expected CONNECT HOST:443, or a request for "
                   "http://HOST/. Millrace itself listens elsewhere (millrace env)."};
  }
  const auto& request = std::get<http::RequestHead>(parsed);
  const auto authority = parse_authority(request.headers.find("Host").value_or(""), kHttpPort);
  if (!authority) return Refusal{400, "The request's URL names no host."};

  ProxyRequest result{
      .tunnel = false, .host = authority->first, .port = authority->second, .head = {}};
  result.head.reserve(head.size() + 32);
  result.head.append(line).append("\r\n");
  for (const auto& [name, value] : request.headers) {
    if (!is_of_this_hop(name)) result.head.append(name).append(": ").append(value).append("\r\n");
  }
  result.head.append("Connection: close\r\n\r\n");
  return result;
}

}  // namespace millrace::proxy
