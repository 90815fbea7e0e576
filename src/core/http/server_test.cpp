#include "core/http/server.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/io/byte_source.h"
#include "core/io/file.h"

namespace {

/// How many of the next connections find no room among epoll's watches.
std::atomic<int> refused_watches{0};

}  // namespace

/// Stands before the C library's: the kernel's limit is the whole machine's.
extern "C" int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  if (operation == EPOLL_CTL_ADD && refused_watches.load() > 0) {
    --refused_watches;
    errno = ENOSPC;
    return -1;
  }
  static const auto real = reinterpret_cast<decltype(&epoll_ctl)>(::dlsym(RTLD_NEXT, "epoll_ctl"));
  return real(epoll, operation, fd, event);
}

namespace millrace::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// The client's side of a connection, byte by byte.
class Wire {
 public:
  explicit Wire(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
    limit_waiting();
  }
  explicit Wire(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof(name.sun_path) - 1);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
    limit_waiting();
  }

  /// False once the server has closed.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end() { ::shutdown(fd_.get(), SHUT_WR); }

  std::string receive_until(std::string_view mark) {
    while (text_.find(mark) == std::string::npos && receive()) {
    }
    const std::size_t at = text_.find(mark);
    return take(at == std::string::npos ? text_.size() : at + mark.size());
  }
  std::string receive(std::size_t bytes) {
    while (text_.size() < bytes && receive()) {
    }
    return take(std::min(bytes, text_.size()));
  }
  /// Everything until the server closes; "<reset>" at the end when the kernel cut the connection.
  std::string receive_all() {
    while (receive()) {
    }
    return take(text_.size()) + (reset_ ? "<reset>" : "");
  }

 private:
  void limit_waiting() {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  bool receive() {
    char block[65536];
    const ssize_t got = ::recv(fd_.get(), block, sizeof(block), 0);
    if (got < 0) reset_ = errno == ECONNRESET;
    if (got <= 0) return false;
    text_.append(block, static_cast<std::size_t>(got));
    return true;
  }
  std::string take(std::size_t bytes) {
    std::string taken = text_.substr(0, bytes);
    text_.erase(0, bytes);
    return taken;
  }

  Fd fd_;
  std::string text_;
  bool reset_ = false;
};

struct TemporaryDirectory {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("millrace-http-" + random_hex(8));
  TemporaryDirectory() { std::filesystem::create_directories(path); }
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }
};

/// Answers with what it received.
Response echo(Request& request) {
  Response response;
  response.body =
      request.method + " " + request.path + " " + read_all(*request.body, 1 << 26, "body");
  return response;
}

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kLastGet = "GET /z HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/// All answers of a fresh connection to `text`.
std::string talk(const Server& server, std::string_view text) {
  Wire wire(server.port());
  wire.send(text);
  return wire.receive_all();
}

TEST(Server, OutlivesAConnectionThatCannotBeWatched) {
  Server server({}, echo);
  refused_watches = 1;
  EXPECT_THAT(talk(server, kLastGet), Not(HasSubstr("HTTP/1.1")));
  EXPECT_EQ(refused_watches, 0);
  EXPECT_THAT(talk(server, kLastGet), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(Server, AnswersOneRequestAfterTheOtherOnAConnection) {
  Server server({}, echo);
  Wire wire(server.port());
  for (int i = 0; i < 3; ++i) {
    wire.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    const std::string head = wire.receive_until("\r\n\r\n");
    EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
    EXPECT_THAT(head, HasSubstr("\r\nContent-Length: 11\r\n"));
    EXPECT_EQ(wire.receive(11), "POST /a abc");
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  Server server({}, echo);
  const std::string answers = talk(
      server,
      kGet + "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" +
          "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n" +
          kLastGet);
  EXPECT_LT(answers.find("GET /a "), answers.find("POST /b abc"));
  EXPECT_LT(answers.find("POST /b abc"), answers.find("POST /c def"));
  EXPECT_LT(answers.find("POST /c def"), answers.find("GET /z "));
  EXPECT_THAT(answers, EndsWith("GET /z "));
}

TEST(Server, ReadsARequestThatDripsInByteByByte) {
  Server server({}, echo);
  Wire wire(server.port());
  for (const char c : std::string("\r\nPOST /a HTTP/1.1\r\nHost: h\r\nConnection: "
                                  "close\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "3;ext=1\r\nabc\r\n02\r\nde\r\n0\r\nTrailer: t\r\n\r\n")) {
    wire.send(std::string(1, c));
  }
  EXPECT_THAT(wire.receive_all(), EndsWith("\r\n\r\nPOST /a abcde"));
}

/// Answers /feed with a feed, which it hands to the test.
struct FeedingServer {
  std::promise<std::shared_ptr<Feed>> started;
  Server server;

  explicit FeedingServer(ServerOptions options = {})
      : server(std::move(options), [this](Request& request) {
          if (request.path != "/feed") return echo(request);
          Response response;
          response.headers.add("Content-Type", "text/event-stream");
          response.feed = [this](std::shared_ptr<Feed> feed) {
            started.set_value(std::move(feed));
          };
          return response;
        }) {}
};

TEST(Server, AFeedIsWrittenForAsLongAsItsReaderStays) {
  FeedingServer feeding;
  Wire wire(feeding.server.port());
  wire.send("GET /feed HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string head = wire.receive_until("\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(head, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  const std::shared_ptr<Feed> feed = feeding.started.get_future().get();
  EXPECT_TRUE(Feed::write(feed, "one\n"));
  EXPECT_EQ(wire.receive_until("\n"), "one\n");
  EXPECT_TRUE(Feed::write(feed, "two\n"));
  Feed::end(feed);
  EXPECT_FALSE(Feed::write(feed, "three\n"));
  EXPECT_EQ(wire.receive_all(), "two\n");
}

TEST(Server, FeedsHoldNoWorker) {
  ServerOptions options;
  options.workers = 1;
  std::vector<std::shared_ptr<Feed>> feeds;
  std::mutex mutex;
  Server server(options, [&](Request& request) {
    if (request.path != "/feed") return echo(request);
    Response response;
    response.feed = [&](std::shared_ptr<Feed> feed) {
      const std::lock_guard lock(mutex);
      feeds.push_back(std::move(feed));
    };
    return response;
  });
  std::vector<Wire> wires;
  for (int i = 0; i < 5; ++i) {
    wires.emplace_back(server.port());
    wires.back().send("GET /feed HTTP/1.1\r\nHost: h\r\n\r\n");
    wires.back().receive_until("\r\n\r\n");
  }
  EXPECT_THAT(talk(server, kLastGet), StartsWith("HTTP/1.1 200 OK\r\n"));
  const std::lock_guard lock(mutex);
  ASSERT_EQ(feeds.size(), wires.size());
  for (std::size_t i = 0; i < feeds.size(); ++i) Feed::write(feeds[i], "x");
  for (Wire& wire : wires) EXPECT_EQ(wire.receive(1), "x");
}

TEST(Server, AFeedEndsWithItsReader) {
  FeedingServer feeding;
  std::shared_ptr<Feed> feed;
  {
    Wire wire(feeding.server.port());
    wire.send("GET /feed HTTP/1.1\r\nHost: h\r\n\r\n");
    wire.receive_until("\r\n\r\n");
    feed = feeding.started.get_future().get();
    EXPECT_FALSE(feed->over());
  }
  for (int i = 0; i < 2000 && !feed->over(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(feed->over());
}

TEST(Server, AReaderThatLeavesTooMuchUntakenIsCutOff) {
  FeedingServer feeding;
  Wire wire(feeding.server.port());
  wire.send("GET /feed HTTP/1.1\r\nHost: h\r\n\r\n");
  wire.receive_until("\r\n\r\n");
  const std::shared_ptr<Feed> feed = feeding.started.get_future().get();
  const std::string block(256 * 1024, 'x');
  int written = 0;
  while (written < 1000 && Feed::write(feed, block)) ++written;
  EXPECT_LT(written, 1000);
  for (int i = 0; i < 2000 && !feed->over(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(feed->over());
}

TEST(Server, AsksForTheBodyOnlyWhenItIsRead) {
  Server server({}, [](Request& request) {
    if (request.path == "/refuse") return Response{.status = 403, .body = "no"};
    return echo(request);
  });
  const std::string rest =
      " HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  Wire wire(server.port());
  wire.send("PUT /take" + rest);
  EXPECT_EQ(wire.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  wire.send("abc");
  wire.receive_until("\r\n\r\n");
  EXPECT_EQ(wire.receive(13), "PUT /take abc");

  wire.send("PUT /refuse" + rest);
  const std::string refused = wire.receive_all();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_THAT(refused, HasSubstr("Connection: close\r\n"));
}

TEST(Server, SaysContinueEvenWhenTheBodyIsEmptyOrAlreadyThere) {
  Server server({}, echo);
  for (const std::string body : {"", "abc"}) {
    Wire wire(server.port());
    wire.send("PUT /take HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_EQ(wire.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n") << body;
    EXPECT_THAT(wire.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 OK\r\n")) << body;
  }
}

TEST(Server, EndsTheConnectionOfAClientThatItDidNotAskForAnEmptyBody) {
  Server server({}, [](Request&) { return Response{.status = 403, .body = "no"}; });
  Wire wire(server.port());
  wire.send("PUT /refuse HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n");
  const std::string refused = wire.receive_all();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_THAT(refused, HasSubstr("Connection: close\r\n"));
}

TEST(Server, ClosesAfterRequestsOfHttp10) {
  Server server({}, echo);
  EXPECT_THAT(talk(server, "GET /a HTTP/1.0\r\n\r\n"), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(
      talk(server, "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n"),
      HasSubstr("Connection: keep-alive\r\n"));
}

TEST(Server, RefusesMalformedRequestsInWordsAndCloses) {
  Server server({}, echo);
  const auto expect_refused = [&](const std::string& request, const std::string& status,
                                  const std::string& reason) {
    const std::string answer = talk(server, request);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + status));
    EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain"));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
    EXPECT_THAT(answer, HasSubstr(reason));
  };
  expect_refused(
      "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "400 Bad Request", "both Content-Length and Transfer-Encoding");
  expect_refused("GET / HTTP/1.1\nHost: h\n\n", "400", "does not end with CR LF");
  expect_refused("\x16\x03\x01\x02", "400", "perhaps TLS");
  expect_refused("GET / HTTP/3.0\r\n\r\n", "505", "HTTP/1.1");
  expect_refused("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n", "431",
                 "exceed 65536 bytes");
}

TEST(Server, RefusesMalformedChunksWithACodeTheHandlerSees) {
  Server server({}, [](Request& request) {
    try {
      return echo(request);
    } catch (const Error& error) {
      return Response{.status = 400, .body = error.code() + ": " + error.what()};
    }
  });
  const auto answer_to = [&](const std::string& body) {
    Wire wire(server.port());
    wire.send("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
    wire.end();
    return wire.receive_all();
  };
  for (const char* body : {"x\r\n", "\r\n", "-1\r\n", "1 \r\na\r\n0\r\n\r\n",
                           "ffffffffffffffff\r\n", "3\nabc\r\n", "3\r\nabcd\r\n", "3\r\nabc\n",
                           "1\r\na\r\n0\r\nno colon\r\n\r\n", "1;\x01\r\na\r\n0\r\n\r\n"}) {
    EXPECT_THAT(answer_to(body), HasSubstr("InvalidRequest: connection with 127.0.0.1:")) << body;
  }
  for (const char* body : {"", "3", "3\r\n", "3\r\nab", "3\r\nabc\r\n", "3\r\nabc\r\n0\r\n"}) {
    const std::string answer = answer_to(body);
    EXPECT_THAT(answer, HasSubstr("IncompleteBody: ")) << body;
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
  }
}

TEST(Server, LetsAClientThatIsStillSendingSeeTheAnswer) {
  Server server({}, [](Request&) { return Response{.status = 413, .body = "too large"}; });
  Wire wire(server.port());
  EXPECT_TRUE(wire.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 33554432\r\n\r\n" +
                        std::string(32 << 20, 'x')));
  const std::string answer = wire.receive_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer, EndsWith("too large"));
}

TEST(Server, GoesOnAfterASmallBodyThatTheHandlerLeftUnread) {
  Server server({}, [](Request& request) { return Response{.body = request.path}; });
  const std::string answers =
      talk(server, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n" +
                       std::string(5000, 'G') + kLastGet);
  EXPECT_THAT(answers, HasSubstr("\r\n\r\n/aHTTP/1.1 200 OK"));
  EXPECT_THAT(answers, EndsWith("/z"));
}

TEST(Server, SendsNoBodyWhereNoneBelongs) {
  Server server({}, [](Request& request) {
    if (request.path == "/304")
      return Response{.status = 304, .headers = {}, .body = "hidden", .announced_length = 7};
    if (request.path == "/204") return Response{.status = 204, .headers = {}, .body = "hidden"};
    if (request.path == "/announced")
      return Response{.headers = {}, .body = "", .announced_length = 12345};
    return Response{.body = "hidden"};
  });
  const std::string close = " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  for (const std::string request : {"GET /304", "GET /204", "HEAD /announced", "HEAD /x"}) {
    EXPECT_THAT(talk(server, request + close), EndsWith("\r\n\r\n")) << request;
  }
  EXPECT_THAT(talk(server, "GET /304" + close), HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(talk(server, "GET /204" + close), Not(HasSubstr("Content-Length")));
  EXPECT_THAT(talk(server, "HEAD /announced" + close), HasSubstr("Content-Length: 12345\r\n"));
  EXPECT_THAT(talk(server, "HEAD /x" + close), HasSubstr("Content-Length: 6\r\n"));
}

TEST(Server, SendsRangesOfFilesSmallAndLarge) {
  const TemporaryDirectory directory;
  std::string content;
  for (int i = 0; content.size() < (9 << 20); ++i) content += std::to_string(i) + ",";
  write_file_durably(directory.path / "object", content);
  const auto file = std::make_shared<const Fd>(open_for_reading(directory.path / "object"));
  Server server({}, [&](Request& request) {
    if (request.path == "/small") return Response{.body = FileRange{file, 100, 1000}};
    if (request.path == "/short")
      return Response{.body = FileRange{file, content.size() - 10, 100'000}};
    return Response{.body = FileRange{file, 1, content.size() - 1}};
  });
  const std::string close = " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  EXPECT_THAT(talk(server, "GET /small" + close), EndsWith("\r\n\r\n" + content.substr(100, 1000)));
  const std::string large = talk(server, "GET /large" + close);
  EXPECT_TRUE(large.ends_with("\r\n\r\n" + content.substr(1)));
  EXPECT_THAT(talk(server, "GET /short" + close), EndsWith(content.substr(content.size() - 10)))
      << "a file that shrank ends the connection instead of filling in";
}

TEST(Server, SendsStreamsWithLengthInChunksOrUntilTheEnd) {
  class Count final : public ByteSource {
   public:
    std::size_t read(std::span<char> buffer) override {
      if (left_ == 0) return 0;
      buffer[0] = static_cast<char>('0' + --left_);
      return 1;
    }

   private:
    int left_ = 3;
  };
  Server server({}, [](Request& request) {
    Stream stream{std::make_unique<Count>(), std::nullopt};
    if (request.path == "/length") stream.length = 3;
    if (request.path == "/long") stream.length = 4;
    Response response;
    response.body = std::move(stream);
    return response;
  });
  const std::string close = " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  EXPECT_THAT(talk(server, "GET /length" + close),
              HasSubstr("Content-Length: 3\r\nConnection: close\r\n\r\n210"));
  EXPECT_THAT(talk(server, "GET /chunks" + close),
              EndsWith("\r\n\r\n1\r\n2\r\n1\r\n1\r\n1\r\n0\r\n0\r\n\r\n"));
  EXPECT_THAT(talk(server, "GET /chunks HTTP/1.0\r\n\r\n"),
              EndsWith("Connection: close\r\n\r\n210"));
  EXPECT_THAT(talk(server, "GET /long" + close), HasSubstr("Content-Length: 4\r\n"));
}

TEST(Server, KeepsLineBreaksOutOfHeaderValues) {
  Server server({}, [](Request&) {
    Response response;
    response.headers.add("X-Value", "a\r\nX-Injected: b");
    return response;
  });
  EXPECT_THAT(talk(server, kLastGet), HasSubstr("X-Value: a  X-Injected: b\r\n"));
}

TEST(Server, EndsTheConnectionWhenAHandlerThrowsAndServesOn) {
  Server server({}, [](Request& request) -> Response {
    if (request.path == "/throw") throw Error(Blame::Platform, "broken");
    return echo(request);
  });
  EXPECT_EQ(talk(server, "GET /throw HTTP/1.1\r\nHost: h\r\n\r\n"), "");
  EXPECT_THAT(talk(server, kLastGet), StartsWith("HTTP/1.1 200 OK"));
}

TEST(Server, ClosesConnectionsThatStayIdleOrNeverFinishAHead) {
  Server server({.idle_timeout = std::chrono::seconds(1)}, echo);
  Wire silent(server.port());
  Wire slow(server.port());
  slow.send("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(silent.receive_all(), "");
  EXPECT_EQ(slow.receive_all(), "");
}

TEST(Server, CutsOffAClientThatStallsInItsBody) {
  Server server({.io_timeout = std::chrono::seconds(1)}, [](Request& request) {
    try {
      return echo(request);
    } catch (const Error& error) {
      return Response{.status = 400, .body = error.code()};
    }
  });
  EXPECT_THAT(talk(server, "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"),
              EndsWith("RequestTimeout"));
}

const std::string kPost = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n";

TEST(Server, HoldsNoWorkerForAWholeBodyThatComesSlowly) {
  Server server({.workers = 1, .whole_body_bytes = 6}, echo);
  Wire slow(server.port());
  slow.send(kPost + "\r\nab");
  EXPECT_THAT(talk(server, kLastGet), EndsWith("GET /z "));
  slow.send("cd");
  EXPECT_THAT(talk(server, kLastGet), EndsWith("GET /z "));
  slow.send("ef" + kGet);
  EXPECT_THAT(slow.receive_until("abcdef"), EndsWith("\r\n\r\nPOST /a abcdef"));
  EXPECT_THAT(slow.receive_until("GET /a "), EndsWith("GET /a ")) << "pipelined behind it";
}

TEST(Server, LeavesALongerOrChunkedBodyToTheHandler) {
  std::atomic<int> called = 0;
  Server server({.whole_body_bytes = 5}, [&](Request& request) {
    ++called;
    return echo(request);
  });
  Wire longer(server.port());
  longer.send(kPost + "\r\nab");
  Wire chunked(server.port());
  chunked.send("POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  while (called < 2) std::this_thread::yield();
  longer.send("cdef");
  chunked.send("0\r\n\r\n");
  EXPECT_THAT(longer.receive_until("abcdef"), EndsWith("POST /a abcdef"));
  EXPECT_THAT(chunked.receive_until("abc"), EndsWith("POST /b abc"));
}

TEST(Server, AsksForAWholeBodyBeforeTheHandlerDoes) {
  Server server({.whole_body_bytes = 6}, echo);
  Wire wire(server.port());
  wire.send(kPost + "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(wire.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  wire.send("abcdef");
  EXPECT_THAT(wire.receive_until("abcdef"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(Server, HandsNoPartOfAWholeBodyToTheHandler) {
  std::atomic<int> called = 0;
  Server server({.workers = 1, .whole_body_bytes = 6, .io_timeout = std::chrono::seconds(1)},
                [&](Request& request) {
                  ++called;
                  return echo(request);
                });
  Wire stalls(server.port());
  stalls.send(kPost + "\r\nabc");
  EXPECT_EQ(stalls.receive_all(), "");
  {
    Wire leaves(server.port());
    leaves.send(kPost + "\r\nabc");
  }
  EXPECT_THAT(talk(server, kLastGet), EndsWith("GET /z "));
  EXPECT_EQ(called, 1);
}

TEST(Server, TakesALargeWholeBodyAndGoesOn) {
  Server server({.whole_body_bytes = 4 << 20}, echo);
  const std::string body(3 << 20, 'x');
  Wire wire(server.port());
  for (int i = 0; i < 3; ++i) {
    wire.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
    wire.receive_until("\r\n\r\n");
    EXPECT_EQ(wire.receive(body.size() + 8), "POST /a " + body);
  }
}

/// More than socket buffers hold.
FileRange large_file(const TemporaryDirectory& directory) {
  const std::string content(32 << 20, 'x');
  write_file_durably(directory.path / "large", content);
  return {std::make_shared<const Fd>(open_for_reading(directory.path / "large")), 0,
          content.size()};
}

TEST(Server, HoldsNoWorkerForAClientThatTakesALargeFileSlowly) {
  const TemporaryDirectory directory;
  const FileRange file = large_file(directory);
  Server server({.workers = 1}, [&](Request& request) {
    return request.path == "/large" ? Response{.body = file} : echo(request);
  });
  Wire slow(server.port());
  slow.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string head = slow.receive_until("\r\n\r\n");
  EXPECT_THAT(talk(server, kLastGet), EndsWith("GET /z "));
  EXPECT_EQ(slow.receive(file.length), std::string(file.length, 'x'));
  EXPECT_THAT(slow.receive_until("GET /next "), EndsWith("GET /next ")) << "pipelined behind it";
}

TEST(Server, CutsOffAClientThatStopsTakingAFile) {
  const TemporaryDirectory directory;
  const FileRange file = large_file(directory);
  Server server({.io_timeout = std::chrono::seconds(1)},
                [&](Request&) { return Response{.body = file}; });
  Wire stalled(server.port());
  stalled.send(kGet);
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  EXPECT_LT(stalled.receive_all().size(), file.length);
}

TEST(Server, FinishesSendingAFileWhenItStops) {
  const TemporaryDirectory directory;
  const FileRange file = large_file(directory);
  std::string answer;
  std::jthread client;
  {
    Server server({}, [&](Request&) { return Response{.body = file}; });
    auto wire = std::make_unique<Wire>(server.port());
    wire->send(kGet);
    wire->receive_until("\r\n\r\n");
    client = std::jthread([&answer, wire = std::move(wire)] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      answer = wire->receive_all();
    });
  }
  client.join();
  EXPECT_EQ(answer.size(), file.length);
}

TEST(Server, RunsAsManyRequestsAtOnceAsItHasWorkers) {
  std::atomic<int> waiting = 0;
  std::promise<void> all_here;
  const std::shared_future<void> gate = all_here.get_future().share();
  Server server({.workers = 8}, [&](Request&) {
    if (++waiting == 8) all_here.set_value();
    gate.wait();
    return Response{.body = "met"};
  });
  std::vector<std::unique_ptr<Wire>> wires;
  for (int i = 0; i < 8; ++i) {
    wires.push_back(std::make_unique<Wire>(server.port()));
    wires.back()->send(kLastGet);
  }
  for (const auto& wire : wires) EXPECT_THAT(wire->receive_all(), EndsWith("met"));
}

TEST(Server, ServesManyConnectionsWithFewWorkers) {
  Server server({.workers = 2}, echo);
  std::vector<std::unique_ptr<Wire>> wires;
  for (int i = 0; i < 100; ++i) wires.push_back(std::make_unique<Wire>(server.port()));
  for (const auto& wire : wires) wire->send(kGet);
  for (const auto& wire : wires)
    EXPECT_THAT(wire->receive_until("GET /a "), StartsWith("HTTP/1.1 200"));
  for (const auto& wire : wires) wire->send(kLastGet);
  for (const auto& wire : wires) EXPECT_THAT(wire->receive_all(), EndsWith("GET /z "));
}

TEST(Server, ListensOnAUnixSocketOnlyItsOwnerMayUse) {
  const TemporaryDirectory directory;
  const std::string path = directory.path / "sock";
  {
    Server server({.unix_socket = path},
                  [](Request& request) { return Response{.body = request.peer}; });
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    Wire wire(path);
    wire.send(kLastGet);
    EXPECT_THAT(wire.receive_all(), EndsWith("\r\n\r\nunix"));
    EXPECT_THROW(Server({.unix_socket = path}, echo), Error) << "another server is listening";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Server, SendsFilesOverItsUnixSocket) {
  const TemporaryDirectory directory;
  const std::string content(5'000'000, 'x');
  write_file_durably(directory.path / "object", content);
  const auto file = std::make_shared<const Fd>(open_for_reading(directory.path / "object"));
  Server server({.unix_socket = directory.path / "sock"}, [&](Request&) {
    return Response{.body = FileRange{file, 0, content.size()}};
  });
  Wire wire(std::string(directory.path / "sock"));
  wire.send(kLastGet);
  EXPECT_TRUE(wire.receive_all().ends_with("\r\n\r\n" + content));
}

TEST(Server, ReplacesAStaleUnixSocketButNoOtherFile) {
  const TemporaryDirectory directory;
  const std::string path = directory.path / "sock";
  {
    const Fd stale(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof(name.sun_path) - 1);
    ASSERT_EQ(::bind(stale.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  {
    Server server({.unix_socket = path}, echo);
    Wire wire(path);
    wire.send(kLastGet);
    EXPECT_THAT(wire.receive_all(), EndsWith("GET /z "));
  }
  write_file_durably(path, "precious");
  EXPECT_THROW(Server({.unix_socket = path}, echo), Error);
  EXPECT_EQ(read_file(path), "precious");
}

TEST(Server, SaysWhichAddressItCannotHave) {
  Server first({}, echo);
  try {
    Server second({.port = first.port()}, echo);
    FAIL() << "two servers on one port";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:" + std::to_string(first.port()) +
                                        ": Address already in use"));
  }
}

TEST(Server, FinishesRunningRequestsWhenItStops) {
  std::promise<void> begun;
  std::promise<void> may_end;
  std::string answer;
  std::jthread client;
  {
    Server server({}, [&](Request&) {
      begun.set_value();
      may_end.get_future().wait();
      return Response{.body = "finished"};
    });
    const Wire idle(server.port());
    client = std::jthread([&, port = server.port()] {
      Wire wire(port);
      wire.send(kGet);
      answer = wire.receive_all();
    });
    begun.get_future().wait();
    may_end.set_value();
  }
  client.join();
  EXPECT_THAT(answer, EndsWith("finished"));
}

}  // namespace
}  // namespace millrace::http
