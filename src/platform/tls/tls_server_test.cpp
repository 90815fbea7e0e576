// HTTP/1.1 over TLS: the server of core/http with this room's streams, against OpenSSL's client.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/http/server.h"
#include "core/io/byte_source.h"
#include "core/io/file.h"
#include "platform/tls/server_context.h"
#include "platform/tls/tls_client_for_test.h"

namespace millrace::tls {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kLastGet = "GET /z HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
constexpr std::size_t kFileBytes = 12'000'003;  // more than the sockets between the two ends hold

/// One server with an authority of its own; "/file" is large, everything else is echoed.
class TlsServer : public testing::Test {
 protected:
  static constexpr int kWorkers = 2;

  TlsServer() {
    write_file_durably(root_.path / "file", content());
    file_ = std::make_shared<const Fd>(open_for_reading(root_.path / "file"));
  }

  static const std::string& content() {
    static const std::string bytes = random_bytes(kFileBytes);
    return bytes;
  }

  http::Response answer(http::Request& request) {
    http::Response response;
    if (request.path == "/file") {
      response.body = http::FileRange{file_, 0, kFileBytes};
    } else {
      response.body = request.path + " " + read_all(*request.body, 1 << 26, "body");
    }
    return response;
  }

  TemporaryDirectory root_;
  std::shared_ptr<const Fd> file_;
  Authority authority_{root_.path / "authority"};
  ServerContext context_{authority_};
  http::Server server_{{.secure = [this](int fd) { return context_.accept(fd, local_address(fd)); },
                        .workers = kWorkers},
                       [this](http::Request& request) { return answer(request); }};
  TlsClient client_{authority_.certificate_file()};
};

TEST_F(TlsServer, AnswersUnderEveryNameThatIsAskedFor) {
  for (const char* host : {"localhost", "bucket.s3.us-east-1.amazonaws.com"}) {
    ASSERT_TRUE(client_.connect(server_.port(), host)) << client_.reason();
    client_.send(kLastGet);
    EXPECT_THAT(client_.receive(), EndsWith("/z "));
  }
}

TEST_F(TlsServer, IsKnownByItsAddressWhereTheClientNamesNoHost) {
  Session session(SSL_new(client_.settings()));
  const Fd fd = TlsClient::connected(server_.port());
  SSL_set_fd(session.get(), fd.get());
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), "127.0.0.1");
  EXPECT_EQ(SSL_connect(session.get()), 1) << openssl_reason();
}

TEST_F(TlsServer, IsKnownByItsIpv4AddressWhereItsSocketTakesBothKinds) {
  const Fd listener(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  socklen_t size = sizeof(name);
  const int off = 0;
  ::setsockopt(listener.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0)
    GTEST_SKIP() << "this machine has no IPv6";
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name), &size), 0);
  const Fd client = TlsClient::connected(ntohs(name.sin6_port));
  const Fd accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  EXPECT_EQ(local_address(accepted.get()), "127.0.0.1");
}

TEST_F(TlsServer, WaitsForAWholeBodyOfManyRecordsWithoutAWorker) {
  const std::size_t bytes = 1'000'003;
  const http::Server server(
      {.secure = [this](int fd) { return context_.accept(fd, local_address(fd)); },
       .workers = 1,
       .whole_body_bytes = bytes},
      [this](http::Request& request) { return answer(request); });
  const std::string body = random_bytes(bytes);
  const std::string head =
      "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
  ASSERT_TRUE(client_.connect(server.port(), "localhost")) << client_.reason();
  for (int round = 0; round < 2; ++round) {
    client_.send(head + body.substr(0, 1));
    for (const std::size_t at : {std::size_t{1}, bytes / 2}) {
      TlsClient other(authority_.certificate_file());
      ASSERT_TRUE(other.connect(server.port(), "localhost")) << other.reason();
      other.send(kLastGet);
      EXPECT_THAT(other.receive(), EndsWith("/z "));
      client_.send(body.substr(at, at == 1 ? bytes / 2 - 1 : bytes - 2 - at));
    }
    // The body's end, and the next request with it in one record: polling the socket tells of
    // neither the one nor the other again.
    client_.send(body.substr(bytes - 2) + (round == 0 ? kGet : kLastGet));
    const std::string_view last = round == 0 ? "/a " : "/z ";
    std::string answers = client_.receive(bytes);
    for (std::string more = "-"; !answers.ends_with(last) && !more.empty(); answers += more)
      more = client_.receive(1);
    EXPECT_NE(answers.find("/b " + body), std::string::npos);
    EXPECT_TRUE(answers.ends_with(last));
  }
}

TEST_F(TlsServer, AnswersPipelinedRequestsOfOneRecordInOrder) {
  ASSERT_TRUE(client_.connect(server_.port(), "localhost")) << client_.reason();
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += kGet;  // more than the socket's first buffer holds
  client_.send(requests + kLastGet);
  const std::string answers = client_.receive();
  std::size_t count = 0;
  for (std::size_t at = 0; (at = answers.find("/a ", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 500U);
  EXPECT_THAT(answers, EndsWith("/z "));
}

TEST_F(TlsServer, TakesAndReturnsBodiesOfManyRecords) {
  ASSERT_TRUE(client_.connect(server_.port(), "localhost")) << client_.reason();
  const std::string body = random_bytes(3'000'001);
  client_.send("PUT /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_THAT(client_.receive(), EndsWith("/b " + body));
}

TEST_F(TlsServer, SendsLargeFilesWholeAlsoToReadersThatPause) {
  ASSERT_TRUE(client_.connect(server_.port(), "localhost")) << client_.reason();
  client_.send("GET /file HTTP/1.1\r\nHost: h\r\n\r\n" + kLastGet);
  // The file goes out in pieces, as there is room.
  std::string answers = client_.receive(100'000);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  answers += client_.receive();
  const std::size_t body = answers.find("\r\n\r\n") + 4;
  EXPECT_TRUE(answers.compare(body, kFileBytes, content()) == 0);
  EXPECT_THAT(answers.substr(body + kFileBytes), StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(answers, EndsWith("/z "));
}

TEST_F(TlsServer, RefusesVersionsBefore12AndCiphersWithoutForwardSecrecy) {
  SSL_CTX_set_security_level(client_.settings(), 0);
  SSL_CTX_set_max_proto_version(client_.settings(), TLS1_1_VERSION);
  EXPECT_FALSE(client_.connect(server_.port(), "localhost"));
  SSL_CTX_set_max_proto_version(client_.settings(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(client_.settings(), "AES128-SHA:ECDHE-ECDSA-AES128-SHA");
  EXPECT_FALSE(client_.connect(server_.port(), "localhost"));
  SSL_CTX_set_cipher_list(client_.settings(), "ECDHE+AESGCM");
  EXPECT_TRUE(client_.connect(server_.port(), "localhost")) << client_.reason();
  EXPECT_STREQ(SSL_get_version(client_.session()), "TLSv1.2");
}

TEST_F(TlsServer, ChoosesHttp11AmongTheProtocolsOfferedToIt) {
  const unsigned char offered[] = "\x02h2\x08http/1.1";
  SSL_CTX_set_alpn_protos(client_.settings(), offered, sizeof(offered) - 1);
  ASSERT_TRUE(client_.connect(server_.port(), "localhost")) << client_.reason();
  const unsigned char* chosen = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(client_.session(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
}

TEST_F(TlsServer, IsNotHeldUpByHandshakesThatStopHalfway) {
  // A hundred clients for two workers: the beginning of a record, and then nothing.
  std::vector<Fd> halted;
  for (int i = 0; i < 100; ++i) {
    halted.push_back(TlsClient::connected(server_.port()));
    ASSERT_EQ(::send(halted.back().get(), "\x16\x03\x01\x02\x00\x01", 6, MSG_NOSIGNAL), 6);
  }
  ASSERT_TRUE(client_.connect(server_.port(), "localhost")) << client_.reason();
  client_.send(kLastGet);
  EXPECT_THAT(client_.receive(), EndsWith("/z "));
}

TEST_F(TlsServer, TellsAClientThatSpeaksPlainHttp) {
  const Fd fd = TlsClient::connected(server_.port());
  ASSERT_GT(::send(fd.get(), kGet.data(), kGet.size(), MSG_NOSIGNAL), 0);
  std::string answer(1000, '\0');
  const ssize_t got = ::recv(fd.get(), answer.data(), answer.size(), MSG_WAITALL);
  ASSERT_GT(got, 0);
  EXPECT_THAT(answer.substr(0, static_cast<std::size_t>(got)),
              testing::AllOf(StartsWith("HTTP/1.1 400 "), EndsWith("Use TLS.")));
}

TEST_F(TlsServer, GoesOnAfterClientsThatBreakOffAnywhere) {
  for (int i = 0; i < 20; ++i) {
    const Fd fd = TlsClient::connected(server_.port());
    const std::string noise = std::string("\x16\x03\x01\x00\x40\x01", 6) + random_bytes(60 + i);
    ASSERT_GT(::send(fd.get(), noise.data(), noise.size(), MSG_NOSIGNAL), 0);
  }
  for (int i = 0; i < 20; ++i) {
    TlsClient other(authority_.certificate_file());
    ASSERT_TRUE(other.connect(server_.port(), "localhost")) << other.reason();
    other.send("GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
    other.receive(static_cast<std::size_t>(i));
  }
  ASSERT_TRUE(client_.connect(server_.port(), "localhost")) << client_.reason();
  client_.send(kLastGet);
  EXPECT_THAT(client_.receive(), EndsWith("/z "));
}

TEST(ServerContext, SaysWhichFileOfTheOperatorsOwnIsWrong) {
  const TemporaryDirectory root;
  const Authority one(root.path / "one");
  const Authority two(root.path / "two");
  const auto refusal = [](const std::filesystem::path& certificate,
                          const std::filesystem::path& key) {
    try {
      const ServerContext context(certificate, key);
      return std::string("accepted");
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  const std::filesystem::path certificate = one.certificate_file();
  EXPECT_EQ(refusal(certificate, root.path / "one/key.pem"), "accepted");
  EXPECT_THAT(refusal(root.path / "none.pem", root.path / "one/key.pem"), HasSubstr("none.pem"));
  EXPECT_THAT(refusal(certificate, certificate), HasSubstr("the private key of"));
  EXPECT_THAT(refusal(certificate, root.path / "two/key.pem"), HasSubstr("two/key.pem"));
}

}  // namespace
}  // namespace millrace::tls
