#include "core/http/head.h"

#include <gtest/gtest.h>

#include <string>

namespace millrace::http {
namespace {

int status_of(const std::string& head) {
  const auto parsed = parse_request_head(head);
  const auto* refusal = std::get_if<Refusal>(&parsed);
  return refusal == nullptr ? 200 : refusal->status;
}

RequestHead accepted(const std::string& head) {
  auto parsed = parse_request_head(head);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
    ADD_FAILURE() << refusal->reason << "\n" << head;
    return {};
  }
  return std::get<RequestHead>(std::move(parsed));
}

std::string get_with(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

TEST(RequestHead, IsTakenApartAsSent) {
  const RequestHead head = accepted(
      "PUT /b/k%20e//y?list-type=2&prefix=a%2Fb HTTP/1.1\r\nHost: h:1\r\nX-Amz-Meta-A:\t v  w "
      "\r\nEmpty:\r\n\r\n");
  EXPECT_EQ(head.method, "PUT");
  EXPECT_EQ(head.path, "/b/k%20e//y");
  EXPECT_EQ(head.query, "list-type=2&prefix=a%2Fb");
  EXPECT_EQ(head.headers.find("x-amz-meta-a"), "v  w");
  EXPECT_EQ(head.headers.find("empty"), "");
  EXPECT_EQ(head.body.kind, BodyFraming::Kind::None);
  EXPECT_TRUE(head.keep_alive);
}

TEST(RequestHead, SaysHowTheBodyEnds) {
  EXPECT_EQ(accepted(get_with("Content-Length: 17\r\n")).body.length, 17U);
  EXPECT_EQ(accepted(get_with("Content-Length: 17\r\nContent-Length: 17\r\n")).body.length, 17U);
  EXPECT_EQ(accepted(get_with("Transfer-Encoding: Chunked\r\n")).body.kind,
            BodyFraming::Kind::Chunked);
}

TEST(RequestHead, RefusesEveryWayToSmuggleABody) {
  EXPECT_EQ(status_of(get_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(status_of(get_with("Content-Length: 5\r\nContent-Length: 6\r\n")), 400);
  EXPECT_EQ(status_of(get_with("Content-Length: 5, 5\r\n")), 400);
  EXPECT_EQ(status_of(get_with("Content-Length: +5\r\n")), 400);
  EXPECT_EQ(status_of(get_with("Content-Length: 0x5\r\n")), 400);
  EXPECT_EQ(status_of(get_with("Content-Length: -5\r\n")), 400);
  EXPECT_EQ(status_of(get_with("Content-Length:\r\n")), 400);
  EXPECT_EQ(status_of(get_with("Content-Length: 18446744073709551616\r\n")), 400);
  EXPECT_EQ(status_of(get_with("Content-Length : 5\r\n")), 400);
  EXPECT_EQ(status_of(get_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
            400);
  EXPECT_EQ(status_of(get_with("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(status_of(get_with("A: b\r\n Transfer-Encoding: chunked\r\n")), 400) << "folded line";
  EXPECT_EQ(status_of(get_with("A: b\nTransfer-Encoding: chunked\r\n")), 400) << "lone line feed";
  EXPECT_EQ(status_of(get_with("A: b\rTransfer-Encoding: chunked\r\n")), 400)
      << "lone carriage return";
  EXPECT_EQ(status_of(get_with(std::string("A: b\0c\r\n", 8))), 400) << "NUL";
}

TEST(RequestHead, RefusesMalformedLinesAndTargets) {
  EXPECT_EQ(status_of("GET /\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET  / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /\x80 HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /#a HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET key HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("G(T / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(status_of("PRI * HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(status_of("GET / http/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
  EXPECT_EQ(status_of(get_with("Host: i\r\n")), 400) << "two Hosts";
  EXPECT_EQ(status_of(get_with("no colon\r\n")), 400);
  EXPECT_EQ(status_of(get_with(": v\r\n")), 400);
  EXPECT_EQ(status_of(get_with("Expect: miracles\r\n")), 417);
  std::string many;
  for (std::size_t i = 0; i <= kMaxHeaderFields; ++i) many += "A: b\r\n";
  EXPECT_EQ(status_of(get_with(many)), 431);
}

TEST(RequestHead, TakesAnAbsoluteTargetAsProxiesSendIt) {
  const RequestHead head = accepted("GET HTTP://other:8080/a?b HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(head.path, "/a");
  EXPECT_EQ(head.query, "b");
  EXPECT_EQ(head.headers.find("Host"), "other:8080");
  EXPECT_EQ(accepted("GET http://other HTTP/1.1\r\nHost: h\r\n\r\n").path, "/");
}

TEST(RequestHead, KnowsWhoKeepsTheConnection) {
  EXPECT_FALSE(accepted(get_with("Connection: foo, Close\r\n")).keep_alive);
  EXPECT_FALSE(accepted("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(accepted("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
  EXPECT_TRUE(accepted(get_with("Expect: 100-continue\r\nContent-Length: 3\r\n")).expects_continue);
  EXPECT_FALSE(accepted(get_with("Expect: 100-continue\r\n")).expects_continue)
      << "there is no body to wait for";
}

TEST(HeadEnd, IsFoundWhereverTheTextWasCut) {
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\n\r\nbody\r\n\r\n";
  const std::size_t end = text.find("body");
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto first = find_head_end(std::string_view(text).substr(0, cut), 0);
    EXPECT_EQ(first.has_value(), cut >= end);
    if (!first) {
      EXPECT_EQ(find_head_end(text, cut), end) << cut;
    }
  }
  EXPECT_EQ(find_head_end("GET / HTTP/1.1\n\n", 0), 16U) << "the parser then refuses it by name";
}

TEST(ResponseHead, SaysWhetherABodyFollows) {
  const auto parse = [](const std::string& head, std::string_view method) {
    return std::get<ResponseHead>(parse_response_head(head, method));
  };
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(parse(ok, "GET").body.length, 5U);
  EXPECT_EQ(parse(ok, "HEAD").body.kind, BodyFraming::Kind::None);
  EXPECT_EQ(parse("HTTP/1.1 304\r\nContent-Length: 5\r\n\r\n", "GET").body.kind,
            BodyFraming::Kind::None);
  const ResponseHead unframed = parse("HTTP/1.1 200 OK\r\n\r\n", "GET");
  EXPECT_EQ(unframed.body.kind, BodyFraming::Kind::UntilClose);
  EXPECT_FALSE(unframed.keep_alive);
  EXPECT_TRUE(std::holds_alternative<Refusal>(parse_response_head("HTTP/1.1 abc\r\n\r\n", "GET")));
  EXPECT_TRUE(std::holds_alternative<Refusal>(parse_response_head("SSH-2.0-x\r\n\r\n", "GET")));
}

}  // namespace
}  // namespace millrace::http
