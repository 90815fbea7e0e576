#include "core/http/client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/http/server.h"

namespace millrace::http {
namespace {

using testing::HasSubstr;

std::string body_of(Incoming& incoming) {
  return read_all(*incoming.body, 1 << 26, "body");
}

Outgoing get(std::string target) {
  return {.method = "GET",
          .target = std::move(target),
          .headers = {},
          .content = "",
          .stream = nullptr,
          .stream_length = {}};
}
Outgoing put(std::string content) {
  return {.method = "PUT",
          .target = "/a",
          .headers = {},
          .content = std::move(content),
          .stream = nullptr,
          .stream_length = {}};
}

/// A server of few words: for every connection, one text per request, then the end.
class Script {
 public:
  using Answers = std::vector<std::string>;

  explicit Script(std::vector<Answers> connections) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(name);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&name), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 10), 0);
    EXPECT_EQ(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&name), &size), 0);
    address_ = {.host = "127.0.0.1", .port = ntohs(name.sin_port), .unix_socket = ""};
    thread_ = std::jthread([this, connections = std::move(connections)] {
      for (const auto& answers : connections) serve(answers);
    });
  }
  ~Script() { ::shutdown(listener_.get(), SHUT_RDWR); }

  [[nodiscard]] const Address& address() const { return address_; }

 private:
  void serve(const Answers& answers) {
    const Fd connection(::accept(listener_.get(), nullptr, nullptr));
    for (const std::string& answer : answers) {
      std::string request;
      char block[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::recv(connection.get(), block, sizeof(block), 0);
        if (got <= 0) return;
        request.append(block, static_cast<std::size_t>(got));
      }
      EXPECT_EQ(::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(answer.size()));
    }
  }

  Fd listener_;
  Address address_;
  std::jthread thread_;
};

TEST(Address, IsReadFromUrls) {
  const Address tcp = parse_address("http://127.0.0.1:9000");
  EXPECT_EQ(tcp.host, "127.0.0.1");
  EXPECT_EQ(tcp.port, 9000);
  EXPECT_EQ(parse_address("http://localhost/").port, 80);
  EXPECT_EQ(parse_address("http://[::1]:81").host, "::1");
  EXPECT_EQ(parse_address("http://[::1]:81").port, 81);
  EXPECT_EQ(parse_address("unix:/run/x.sock").unix_socket, "/run/x.sock");
  for (const char* url : {"", "https://h", "http://", "http://h:0", "http://h:65536", "http://h:x",
                          "http://h/path", "unix:x", "http://[::1", "http://[::1]81"}) {
    EXPECT_THROW(parse_address(url), Error) << url;
  }
}

TEST(Client, KeepsItsConnection) {
  Server server({}, [](Request& request) { return Response{.body = request.peer}; });
  Client client({.host = "127.0.0.1", .port = server.port(), .unix_socket = ""});
  Incoming first = client.send(get("/"));
  EXPECT_EQ(first.status, 200);
  const std::string peer = body_of(first);
  Incoming second = client.send(get("/"));
  EXPECT_EQ(body_of(second), peer);
  Incoming unread = client.send(get("/"));
  Incoming after = client.send(get("/"));
  EXPECT_NE(body_of(after), peer) << "a body that was not read to its end spoils the connection";
}

TEST(Client, SendsBodiesFromMemoryAndStreamsWithAndWithoutLength) {
  Server server({}, [](Request& request) {
    Response response;
    response.headers.add(
        "X-Length", request.content_length ? std::to_string(*request.content_length) : "chunked");
    response.body = read_all(*request.body, 1 << 26, "body");
    return response;
  });
  Client client({.host = "127.0.0.1", .port = server.port(), .unix_socket = ""});
  const std::string large(3'000'000, 'x');
  Incoming memory = client.send(put(large));
  EXPECT_EQ(memory.headers.find("x-length"), "3000000");
  EXPECT_TRUE(body_of(memory) == large);

  MemorySource with_length(large);
  Outgoing request = put("");
  request.stream = &with_length;
  request.stream_length = large.size();
  Incoming streamed = client.send(request);
  EXPECT_EQ(streamed.headers.find("x-length"), "3000000");
  EXPECT_TRUE(body_of(streamed) == large);

  MemorySource without_length(large);
  request.stream = &without_length;
  request.stream_length = std::nullopt;
  Incoming chunked = client.send(request);
  EXPECT_EQ(chunked.headers.find("x-length"), "chunked");
  EXPECT_TRUE(body_of(chunked) == large);
}

TEST(Client, SpeaksOverAUnixSocket) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("millrace-client-" + random_hex(8));
  Server server({.unix_socket = path},
                [](Request& request) { return Response{.body = request.peer}; });
  Client client(parse_address("unix:" + path));
  Incoming incoming = client.send(get("/"));
  EXPECT_EQ(body_of(incoming), "unix");
}

TEST(Client, ReadsChunksInterimAnswersAndBodiesUntilTheEnd) {
  const Script script(
      {Script::Answers{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
                       "chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
                       "HTTP/1.0 200 OK\r\n\r\nto the end"}});
  Client client(script.address());
  Incoming chunked = client.send(get("/"));
  EXPECT_EQ(chunked.content_length, std::nullopt);
  EXPECT_EQ(body_of(chunked), "abc");
  Incoming unframed = client.send(get("/"));
  EXPECT_EQ(body_of(unframed), "to the end");
}

TEST(Client, ConnectsAgainWhenAKeptConnectionTurnsOutClosed) {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  const Script script({Script::Answers{ok}, Script::Answers{ok}});
  Client client(script.address());
  for (int i = 0; i < 2; ++i) {
    Incoming incoming = client.send(put("content"));
    EXPECT_EQ(body_of(incoming), "ok");
  }
}

TEST(Client, ReportsAServerThatClosesWithoutAnswering) {
  const Script script({Script::Answers{""}});
  Client client(script.address());
  try {
    client.send(get("/"));
    FAIL() << "no answer, no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Platform);
    EXPECT_THAT(error.what(), HasSubstr("connection with http://127.0.0.1:" +
                                        std::to_string(script.address().port) + ": "));
    EXPECT_THAT(error.what(), HasSubstr("closed before it had answered"));
  }
}

TEST(Client, ReportsABodyThatBreaksOffAndAnAnswerThatIsNotHttp) {
  const Script script({Script::Answers{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"},
                       Script::Answers{"220 mail.example.com ESMTP\r\n\r\n"}});
  Client client(script.address());
  Incoming cut = client.send(get("/"));
  EXPECT_THROW(body_of(cut), Error);
  try {
    client.send(get("/"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the answer is not HTTP"));
  }
}

TEST(Client, NamesTheAddressItCannotReach) {
  std::uint16_t port = 0;
  {
    const Server gone({}, [](Request&) { return Response{}; });
    port = gone.port();
  }
  Client client({.host = "127.0.0.1", .port = port, .unix_socket = ""});
  try {
    client.send(get("/"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "cannot connect to http://127.0.0.1:" +
                                             std::to_string(port) + ": Connection refused");
  }
}

TEST(Client, HearsTheRefusalOfABodyItIsStillSending) {
  Server server({}, [](Request&) { return Response{.status = 413, .body = "too large"}; });
  Client client({.host = "127.0.0.1", .port = server.port(), .unix_socket = ""});
  Incoming from_memory = client.send(put(std::string(32 << 20, 'x')));
  EXPECT_EQ(from_memory.status, 413);
  EXPECT_EQ(body_of(from_memory), "too large");

  const std::string large(64 << 20, 'x');
  MemorySource source(large);
  Outgoing request = put("");
  request.stream = &source;
  Incoming from_stream = client.send(request);
  EXPECT_EQ(from_stream.status, 413);
  EXPECT_EQ(body_of(from_stream), "too large");
}

TEST(Client, PassesOnWhatTheStreamThrows) {
  class Failing final : public ByteSource {
   public:
    std::size_t read(std::span<char>) override {
      throw Error(Blame::Algorithm, "the source dried up");
    }
  };
  Server server(
      {}, [](Request& request) { return Response{.body = read_all(*request.body, 100, "body")}; });
  Client client({.host = "127.0.0.1", .port = server.port(), .unix_socket = ""});
  Failing source;
  Outgoing request = put("");
  request.stream = &source;
  EXPECT_THROW(client.send(request), Error);
  MemorySource short_source("abc");
  request.stream = &short_source;
  request.stream_length = 4;
  EXPECT_THROW(client.send(request), Error) << "a stream that ends before its length";
  Incoming after = client.send(put("fine"));
  EXPECT_EQ(body_of(after), "fine");
}

TEST(Client, GivesUpOnASilentServer) {
  Server server({}, [](Request&) {
    std::this_thread::sleep_for(std::chrono::seconds(2));
    return Response{};
  });
  Client client({.host = "127.0.0.1", .port = server.port(), .unix_socket = ""},
                std::chrono::seconds(1));
  try {
    client.send(get("/"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no byte was received for 1 s"));
  }
}

TEST(Client, DoesNotAskASilentServerAgain) {
  std::atomic<int> asked = 0;
  Server server({}, [&](Request&) {
    if (++asked > 1) std::this_thread::sleep_for(std::chrono::seconds(2));
    return Response{};
  });
  Client client(Address{.host = "127.0.0.1", .port = server.port(), .unix_socket = ""},
                std::chrono::seconds(1));
  Incoming first = client.send(get("/"));
  body_of(first);
  EXPECT_THROW(client.send(get("/")), Error) << "over the connection that was kept";
  EXPECT_EQ(asked, 2);
}

TEST(Client, RefusesLineBreaksInWhatItSends) {
  Client client({.host = "127.0.0.1", .port = 1, .unix_socket = ""});
  EXPECT_THROW(client.send(get("/ HTTP/1.1\r\nX: y")), Error);
  Outgoing request = get("/");
  request.headers.add("X", "a\nb");
  try {
    client.send(request);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("text without control characters"));
  }
}

TEST(HttpClient, ConnectsByWhateverMeansItIsGiven) {
  const Server server({}, [](Request& request) {
    Response response;
    response.body = read_all(*request.body, 1 << 20, "body");
    return response;
  });
  int connects = 0;
  Client client(
      [&] {
        ++connects;
        Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        name.sin_port = htons(server.port());
        EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
        return fd;
      },
      "the model's server", std::chrono::milliseconds(5000));
  for (const char* text : {"one", "two"}) {
    Incoming answer = client.send(put(text));
    EXPECT_EQ(body_of(answer), text);
  }
  EXPECT_EQ(connects, 1);
  Client other([]() -> Fd { throw Error(Blame::Platform, "no line"); }, "nobody");
  EXPECT_THROW(other.send(put("x")), Error);
}

}  // namespace
}  // namespace millrace::http
