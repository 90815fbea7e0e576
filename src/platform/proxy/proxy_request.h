#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/http/head.h"

namespace millrace::proxy {

/// The first request of a connection to a forward proxy (RFC 9110 section 9.3.6, RFC 9112 section
/// 3.2.2).
struct ProxyRequest {
  bool tunnel = false;  ///< CONNECT: what follows is between the client and the host
  std::string host;     ///< as sent; of an IPv6 address without brackets
  std::uint16_t port = 0;
  /// Of a plain request: the head to send on. It asks for the connection to be closed behind the
  /// answer, so that the next request comes to the proxy again, and for no other hop.
  std::string head;
};

/// `head` reaches to the empty line. A Refusal for what is no request to a proxy.
std::variant<ProxyRequest, http::Refusal> parse_proxy_request(std::string_view head);

}  // namespace millrace::proxy
