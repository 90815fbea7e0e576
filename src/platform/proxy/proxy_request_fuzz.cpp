// The first head of a connection to the forward proxy, and what becomes of it: what is passed on is
// one request to the same host that the daemon's parser accepts, and no host is served that is not
// Amazon's.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/text.h"
#include "core/http/head.h"
#include "platform/proxy/proxy_request.h"
#include "platform/proxy/served_hosts.h"

namespace {

using namespace millrace;

void insist(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto end = http::find_head_end(bytes, 0);
  if (!end) return 0;
  const auto parsed = proxy::parse_proxy_request(bytes.substr(0, *end));
  const auto* request = std::get_if<proxy::ProxyRequest>(&parsed);
  if (request == nullptr) return 0;
  insist(!request->host.empty() && request->port > 0);
  if (!proxy::refusal_of(request->host)) {
    insist(to_lower(request->host).find(".amazonaws.com") != std::string::npos);
    insist(request->host.find_first_of("/:@ \r\n") == std::string::npos);
  }
  if (request->tunnel) return 0;
  insist(http::find_head_end(request->head, 0) == request->head.size());
  const auto passed_on = http::parse_request_head(request->head);
  const auto* head = std::get_if<http::RequestHead>(&passed_on);
  // One field more than was sent may be one too many.
  insist(head != nullptr || std::get<http::Refusal>(passed_on).status == 431 ||
         std::get<http::Refusal>(passed_on).status == 400);
  if (head == nullptr) return 0;
  insist(!head->keep_alive);
  insist(head->headers.find("Host")->starts_with(request->host) ||
         head->headers.find("Host")->starts_with("[" + request->host));
  return 0;
}
