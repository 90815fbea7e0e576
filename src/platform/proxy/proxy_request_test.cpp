#include "platform/proxy/proxy_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::proxy {
namespace {

using testing::HasSubstr;

/// "tunnel host port", "plain host port", or the status of a refusal.
std::string read(std::string_view head) {
  const auto parsed = parse_proxy_request(head);
  if (const auto* refusal = std::get_if<http::Refusal>(&parsed))
    return std::to_string(refusal->status);
  const auto& request = std::get<ProxyRequest>(parsed);
  return (request.tunnel ? "tunnel " : "plain ") + request.host + " " +
         std::to_string(request.port);
}

TEST(ProxyRequest, IsConnectOrAnAbsoluteUrl) {
  EXPECT_EQ(read("CONNECT a.b:443 HTTP/1.1\r\nHost: a.b:443\r\n\r\n"), "tunnel a.b 443");
  EXPECT_EQ(read("CONNECT a.b:443 HTTP/1.0\r\n\r\n"), "tunnel a.b 443");
  EXPECT_EQ(read("CONNECT [::1]:22 HTTP/1.1\r\n\r\n"), "tunnel ::1 22");
  EXPECT_EQ(read("GET http://a.b/c?d HTTP/1.1\r\nHost: x\r\n\r\n"), "plain a.b 80");
  EXPECT_EQ(read("PUT HTTP://a.b:8080 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"),
            "plain a.b 8080");
}

TEST(ProxyRequest, IsNothingElse) {
  for (const char* head :
       {"", "\r\n\r\n", "CONNECT\r\n\r\n", "CONNECT  HTTP/1.1\r\n\r\n",
        "CONNECT a.b HTTP/1.1\r\n\r\n", "CONNECT a.b:0 HTTP/1.1\r\n\r\n",
        "CONNECT a.b:65536 HTTP/1.1\r\n\r\n", "CONNECT a.b:443\r\n\r\n",
        "CONNECT a@b:443 HTTP/1.1\r\n\r\n", "CONNECT /:443 HTTP/1.1\r\n\r\n",
        "CONNECT [::1:443 HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a.b\r\n\r\n",
        "GET https://a.b/ HTTP/1.1\r\nHost: a.b\r\n\r\n",
        "GET http:///x HTTP/1.1\r\nHost: a.b\r\n\r\n",
        "GET http://u:p@a.b/ HTTP/1.1\r\nHost: a.b\r\n\r\n",
        "GET http://a.b/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: "
        "chunked\r\n\r\n"}) {
    EXPECT_EQ(read(head), "400") << head;
  }
}

TEST(ProxyRequest, IsPassedOnForOneAnswerWithoutTheFieldsOfThisHop) {
  const auto parsed = parse_proxy_request(
      "GET http://a.b/c HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nProxy-Connection: "
      "keep-alive\r\n"
      "proxy-authorization: Basic eA==\r\nX-Amz-Date: now\r\n\r\n");
  EXPECT_EQ(
      std::get<ProxyRequest>(parsed).head,
      "GET http://a.b/c HTTP/1.1\r\nX-Amz-Date: now\r\nHost: a.b\r\nConnection: close\r\n\r\n");
}

}  // namespace
}  // namespace millrace::proxy
