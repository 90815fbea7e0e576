#include "core/http/client.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/http/body_reader.h"
#include "core/http/handshake.h"
#include "core/http/head.h"
#include "core/http/socket.h"

namespace millrace::http {
namespace {

constexpr std::size_t kMaxResponseHeadBytes = 256 * 1024;
constexpr std::size_t kStreamBlockBytes = 256 * 1024;

std::string name_of(const Address& address) {
  if (!address.unix_socket.empty()) return "unix:" + address.unix_socket;
  const bool v6 = address.host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + address.host + "]" : address.host) + ":" +
         std::to_string(address.port);
}

/// Host field for an address: what a browser would send.
std::string host_of(const Address& address) {
  if (!address.unix_socket.empty()) return "localhost";
  const std::string name = name_of(address).substr(std::strlen("http://"));
  return address.port == 80 ? name.substr(0, name.rfind(':')) : name;
}

/// Connects a non-blocking socket within `timeout`; an errno otherwise.
int connect_within(int fd, const sockaddr* name, socklen_t size,
                   std::chrono::milliseconds timeout) {
  if (::connect(fd, name, size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  return await_handshake(fd, timeout);
}

[[noreturn]] void cannot_connect(const Address& address, const char* why) {
  throw Error(Blame::Platform, "cannot connect to " + name_of(address) + ": " + why);
}

Fd connect_unix(const Address& address, std::chrono::milliseconds timeout) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (address.unix_socket.size() >= sizeof(name.sun_path))
    cannot_connect(address, "the path is too long for a socket");
  std::memcpy(name.sun_path, address.unix_socket.data(), address.unix_socket.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) throw_errno("socket");
  const int failure =
      connect_within(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name), timeout);
  if (failure != 0) cannot_connect(address, std::strerror(failure));
  return fd;
}

Fd connect_tcp(const Address& address, std::chrono::milliseconds timeout) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int unknown =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (unknown != 0) cannot_connect(address, ::gai_strerror(unknown));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  int failure = ECONNREFUSED;
  for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
    Fd fd(::socket(each->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) throw_errno("socket");
    failure = connect_within(fd.get(), each->ai_addr, each->ai_addrlen, timeout);
    if (failure == 0) {
      const int on = 1;
      ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      return fd;
    }
  }
  cannot_connect(address, std::strerror(failure));
}

/// Refuses what would let a value write header fields of its own.
void append_checked(std::string& head, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
      throw Error(Blame::Platform, Problem{.where = "request head",
                                           .given = std::string(text),
                                           .expected = "text without control characters",
                                           .fix = ""});
    }
  }
  head += text;
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  append_checked(head, name);
  head += ": ";
  append_checked(head, value);
  head += "\r\n";
}

std::string render_head(const Outgoing& request, const std::string& host) {
  std::string head;
  head.reserve(1024);
  append_checked(head, request.method);
  head += ' ';
  append_checked(head, request.target);
  head += " HTTP/1.1\r\n";
  if (!request.headers.find("Host")) append_field(head, "Host", host);
  for (const auto& [name, value] : request.headers) append_field(head, name, value);
  const bool bodiless =
      request.method == "GET" || request.method == "HEAD" || request.method == "DELETE";
  if (request.stream != nullptr && !request.stream_length) {
    append_field(head, "Transfer-Encoding", "chunked");
  } else if (request.stream != nullptr) {
    append_field(head, "Content-Length", std::to_string(*request.stream_length));
  } else if (!request.content.empty() || !bodiless) {
    append_field(head, "Content-Length", std::to_string(request.content.size()));
  }
  return head + "\r\n";
}

}  // namespace

Address parse_address(std::string_view url) {
  const auto refuse = [&]() -> Error {
    return {Blame::Customer, Problem{.where = "server address",
                                     .given = std::string(url),
                                     .expected = "http://HOST:PORT or unix:/PATH",
                                     .fix = ""}};
  };
  constexpr std::string_view kUnix = "unix:";
  constexpr std::string_view kHttp = "http://";
  Address address;
  if (url.starts_with(kUnix)) {
    address.unix_socket = url.substr(kUnix.size());
    if (!address.unix_socket.starts_with('/')) throw refuse();
    return address;
  }
  if (!url.starts_with(kHttp)) throw refuse();
  std::string_view rest = url.substr(kHttp.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const bool v6 = rest.starts_with('[');
  const std::size_t host_end = v6 ? rest.find(']') : std::min(rest.find(':'), rest.size());
  if (host_end == std::string_view::npos) throw refuse();
  address.host = v6 ? rest.substr(1, host_end - 1) : rest.substr(0, host_end);
  const std::string_view port = rest.substr(v6 ? host_end + 1 : host_end);
  const std::int64_t number =
      port.empty() ? 80 : (port.front() == ':' ? parse_int(port.substr(1)).value_or(0) : 0);
  const bool plain_host =
      !address.host.empty() && address.host.find_first_of("/?#@ ") == std::string::npos;
  if (!plain_host || number < 1 || number > 65535) throw refuse();
  address.port = static_cast<std::uint16_t>(number);
  return address;
}

class Client::Connection {
 public:
  Connection(Connect connect, std::string name, std::string host, std::chrono::milliseconds timeout)
      : connect_(std::move(connect)),
        name_(std::move(name)),
        host_(std::move(host)),
        timeout_(timeout) {}

  Incoming send(const Outgoing& request);
  [[nodiscard]] std::optional<int> raw_body() const {
    return reader_ && reader_->is_raw() ? std::optional(socket_->fd()) : std::nullopt;
  }
  void took(std::uint64_t bytes) { reader_->took(bytes); }

 private:
  class Body;

  void connect();
  [[nodiscard]] bool reusable() const;
  ResponseHead exchange(const Outgoing& request, std::string_view head);
  void send_stream(const Outgoing& request);
  bool deliver(std::string_view first, std::string_view second);
  std::optional<ResponseHead> read_answer(const std::string& method);
  std::optional<ResponseHead> read_head(const std::string& method);

  Connect connect_;
  std::string name_;  ///< of the server, in messages
  std::string host_;  ///< the Host field of requests that bring none
  std::chrono::milliseconds timeout_;
  std::optional<Socket> socket_;
  bool keep_ = false;            ///< the last answer allows another request
  bool answer_started_ = false;  ///< a byte of the answer has come: the server has seen the request
  bool sent_whole_ = false;      ///< nothing of the request was left out
  std::optional<ResponseHead> early_;  ///< the answer that came while a stream was being sent
  std::exception_ptr send_failure_;    ///< why not, when the connection broke
  std::optional<BodyReader> reader_;   ///< of the last answer
};

/// What the caller reads; the connection itself stays with the client.
class Client::Connection::Body final : public ByteSource {
 public:
  explicit Body(BodyReader& reader) : reader_(reader) {}
  std::size_t read(std::span<char> buffer) override { return reader_.read(buffer); }

 private:
  BodyReader& reader_;
};

void Client::Connection::connect() {
  reader_.reset();
  socket_.reset();
  Fd fd = connect_();
  const int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    throw_errno("preparing the connection with " + name_);
  socket_.emplace(std::move(fd), timeout_, Blame::Platform, name_);
}

bool Client::Connection::reusable() const {
  // Anything readable now is the server's end of the connection, or an answer to nothing.
  return socket_ && keep_ && reader_ && reader_->ended() && !socket_->readable();
}

Incoming Client::Connection::send(const Outgoing& request) {
  const std::string head = render_head(request, host_);
  bool reused = reusable();
  if (!reused) connect();
  std::optional<ResponseHead> exchanged;
  const auto began = std::chrono::steady_clock::now();
  while (!exchanged) {
    try {
      exchanged = exchange(request, head);
    } catch (const std::exception&) {
      // Silence is no closed connection: whoever has the request is at work on it.
      const bool silent = std::chrono::steady_clock::now() - began >= timeout_;
      const bool again = reused && !silent && !answer_started_ && request.stream == nullptr;
      socket_.reset();
      if (!again) throw;
      connect();
      reused = false;
    }
  }
  ResponseHead& answer = *exchanged;
  keep_ = answer.keep_alive && sent_whole_;
  reader_.emplace(*socket_, answer.body);
  Incoming incoming;
  incoming.status = answer.status;
  incoming.headers = std::move(answer.headers);
  if (answer.body.kind == BodyFraming::Kind::Length ||
      answer.body.kind == BodyFraming::Kind::None) {
    incoming.content_length = answer.body.length;
  }
  incoming.body = std::make_unique<Body>(*reader_);
  return incoming;
}

ResponseHead Client::Connection::exchange(const Outgoing& request, std::string_view head) {
  answer_started_ = false;
  sent_whole_ = false;
  send_failure_ = nullptr;
  early_.reset();
  if (request.stream == nullptr) {
    sent_whole_ = deliver(head, request.content);
  } else if (deliver(head, {})) {
    send_stream(request);
  }
  if (early_) return *std::exchange(early_, std::nullopt);
  // A server that refuses a body answers and closes: its answer says more than the broken
  // connection does.
  std::optional<ResponseHead> answer;
  try {
    answer = read_answer(request.method);
  } catch (const Error&) {
    if (!send_failure_) throw;
  }
  if (answer) return *std::move(answer);
  if (send_failure_) std::rethrow_exception(send_failure_);
  socket_->fail("", "closed before it had answered");
}

/// False when the connection broke; the reason is kept for the case that no answer explains it.
bool Client::Connection::deliver(std::string_view first, std::string_view second) {
  try {
    socket_->write(first, second);
    return true;
  } catch (const Error&) {
    send_failure_ = std::current_exception();
    return false;
  }
}

/// Stops when the server answers before the end, or closes. What the stream itself throws ends the
/// connection.
void Client::Connection::send_stream(const Outgoing& request) {
  const bool chunked = !request.stream_length;
  std::vector<char> block(kStreamBlockBytes);
  std::uint64_t left = request.stream_length.value_or(0);
  std::string frame;
  for (;;) {
    std::span<char> room(block);
    if (!chunked)
      room = room.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, room.size())));
    const std::size_t got = room.empty() ? 0 : request.stream->read(room);
    if (got == 0) break;
    if (socket_->readable()) {
      early_ = read_head(request.method);
      if (!early_ || early_->status >= 200) return;
      early_.reset();
    }
    left -= chunked ? 0 : got;
    if (chunked) {
      std::array<char, 16> digits;
      frame.append(digits.data(),
                   std::to_chars(digits.data(), digits.data() + digits.size(), got, 16).ptr);
      frame += "\r\n";
    }
    if (!deliver(frame, std::string_view(block.data(), got))) return;
    if (chunked) frame = "\r\n";  // travels with the next chunk's size
  }
  if (left > 0) {
    throw Error(Blame::Platform, "sending to " + name_ + ": the stream ended " +
                                     std::to_string(left) + " bytes before its length");
  }
  sent_whole_ = !chunked || deliver(frame, "0\r\n\r\n");
}

/// The final answer, after any number of interim ones; nullopt when the server closed instead.
std::optional<ResponseHead> Client::Connection::read_answer(const std::string& method) {
  for (;;) {
    std::optional<ResponseHead> answer = read_head(method);
    if (!answer || answer->status >= 200) return answer;
  }
}

std::optional<ResponseHead> Client::Connection::read_head(const std::string& method) {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view text = socket_->buffered();
    if (!text.empty()) answer_started_ = true;
    if (const std::optional<std::size_t> end = find_head_end(text, searched)) {
      std::variant<ResponseHead, Refusal> parsed =
          parse_response_head(text.substr(0, *end), method);
      socket_->consume(*end);
      if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
        socket_->fail("", "the answer is not HTTP: " + refusal->reason);
      }
      return std::get<ResponseHead>(std::move(parsed));
    }
    if (text.size() > kMaxResponseHeadBytes) {
      socket_->fail(
          "", "the answer's head exceeds " + std::to_string(kMaxResponseHeadBytes) + " bytes");
    }
    searched = text.size();
    if (*socket_->fill(Socket::Wait::Yes) == 0) {
      if (!text.empty()) socket_->fail("", "closed in the middle of an answer's head");
      return std::nullopt;
    }
  }
}

Client::Client(Address address, std::chrono::seconds io_timeout) {
  std::string name = name_of(address);
  std::string host = host_of(address);
  const auto connect = [address = std::move(address), io_timeout] {
    return address.unix_socket.empty() ? connect_tcp(address, io_timeout)
                                       : connect_unix(address, io_timeout);
  };
  connection_ = std::make_unique<Connection>(connect, std::move(name), std::move(host), io_timeout);
}
Client::Client(Connect connect, std::string name, std::chrono::milliseconds io_timeout)
    : connection_(std::make_unique<Connection>(std::move(connect), std::move(name), "localhost",
                                               io_timeout)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Incoming Client::send(const Outgoing& request) {
  return connection_->send(request);
}

std::optional<int> Client::raw_body() const {
  return connection_->raw_body();
}

void Client::took(std::uint64_t bytes) {
  connection_->took(bytes);
}

}  // namespace millrace::http
