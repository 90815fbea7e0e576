#include "platform/proxy/forward_proxy.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/http/head.h"
#include "core/http/listener.h"
#include "core/http/plain_stream.h"
#include "core/http/relayed_pair.h"
#include "platform/proxy/served_hosts.h"

namespace millrace::proxy {
namespace {

constexpr std::size_t kMaxHeadBytes = 64 * 1024;
constexpr std::size_t kMaxConnections = 1024;
constexpr std::chrono::seconds kTimeout(30);
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

/// The bytes of the first head, to its empty line; nullopt when the client goes or goes on for
/// ever.
std::optional<std::string> read_head(http::Socket& socket) {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view text = socket.buffered();
    if (const auto end = http::find_head_end(text, searched)) {
      std::string head(text.substr(0, *end));
      socket.consume(*end);
      return head;
    }
    if (text.size() >= kMaxHeadBytes) return std::nullopt;
    searched = text.size();
    if (*socket.fill(http::Socket::Wait::Yes) == 0) return std::nullopt;
  }
}

/// `phrase` is what Python and curl print of a refused tunnel.
void refuse(http::Socket& socket, int status, const std::string& phrase, const std::string& body) {
  socket.write("HTTP/1.1 " + std::to_string(status) + " " + phrase +
                   "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n",
               body);
}

/// Why a request is not let through: its port, or its host.
std::optional<std::string> refusal_of_request(const ProxyRequest& request) {
  const std::uint16_t expected = request.tunnel ? kHttpsPort : kHttpPort;
  if (request.port != expected)
    return "Only port " + std::to_string(expected) + " is answered" +
           (request.tunnel ? " behind CONNECT." : " for http://.");
  return refusal_of(request.host);
}

/// nullopt when nobody listens.
std::optional<http::Socket> connect_to(const std::filesystem::path& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof(name.sun_path)) return std::nullopt;
  std::memcpy(name.sun_path, text.data(), text.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) throw_errno("socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0)
    return std::nullopt;
  if (::fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) throw_errno("fcntl");
  return http::Socket(std::move(fd), kTimeout, Blame::Platform, "the daemon");
}

/// Until the daemon has said its last, either breaks off, or `stop_fd` is readable.
void relay(http::SecureStream& client, int client_fd, int daemon_fd, int stop_fd) {
  http::PlainStream daemon(daemon_fd);
  http::RelayedPair pair(client, client_fd, daemon, daemon_fd);
  while (!pair.over()) {
    if (pair.advance()) continue;
    const auto [outer, inner] = pair.waits();
    std::array<pollfd, 3> ends{outer, inner, pollfd{stop_fd, POLLIN, 0}};
    if (::poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR) throw_errno("poll");
    if (ends[2].revents != 0) return;
  }
}

}  // namespace

ForwardProxy::ForwardProxy(ForwardProxyOptions options, const tls::ServerContext& context)
    : options_(std::move(options)),
      context_(context),
      listener_(http::listen_tcp("127.0.0.1", 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      port_(http::bound_port(listener_)) {
  if (!stop_) throw_errno("eventfd");
}

ForwardProxy::~ForwardProxy() {
  ::eventfd_write(stop_.get(), 1);
  if (acceptor_.joinable()) acceptor_.join();
  for (Connection& connection : connections_) ::shutdown(connection.client.fd(), SHUT_RDWR);
  connections_.clear();
}

void ForwardProxy::start() {
  acceptor_ = std::jthread([this] { accept_until_stopped(); });
}

void ForwardProxy::accept_until_stopped() {
  std::array<pollfd, 2> waiting{{{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  for (;;) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    connections_.remove_if([](const Connection& connection) { return connection.done.load(); });
    Fd accepted(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted) {
      admit(std::move(accepted));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The listener stays readable: without a pause this would turn without end.
      static_cast<void>(::poll(&waiting[1], 1, 100));
    }
  }
}

void ForwardProxy::admit(Fd accepted) {
  if (connections_.size() >= kMaxConnections) return;
  const int on = 1;
  ::setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  Connection& connection = connections_.emplace_back(
      http::Socket(std::move(accepted), kTimeout, Blame::Customer, "the command"));
  try {
    connection.thread = std::jthread([this, &connection] {
      try {
        answer(connection.client);
      } catch (const std::exception&) {
        // The client broke off, or trusts another authority: the end of its connection tells it.
      }
      connection.client.linger();
      connection.done = true;
    });
  } catch (const std::system_error&) {
    connections_.pop_back();  // no thread to be had: this connection ends, others go on
  }
}

void ForwardProxy::answer(http::Socket& client) const {
  const std::optional<std::string> head = read_head(client);
  if (!head) return;
  const auto parsed = parse_proxy_request(*head);
  if (const auto* refusal = std::get_if<http::Refusal>(&parsed))
    return refuse(client, refusal->status, "Bad Request", refusal->reason + "\n");
  const auto& request = std::get<ProxyRequest>(parsed);
  const std::optional<std::string> refusal = refusal_of_request(request);
  const std::string where = printable(request.host, 255) + ":" + std::to_string(request.port);
  try {
    options_.on_attempt(
        {.host = request.host, .port = request.port, .refusal = refusal.value_or("")});
  } catch (const Error& failure) {
    return refuse(client, 503, "Not recorded by millrace run",
                  "millrace run: " + where + " is not reached: " + failure.what() + ".\n");
  }
  if (refusal) {
    return refuse(client, 403, "Refused by millrace run",
                  "millrace run: " + where + " is not reached from here. " + *refusal + "\n");
  }
  std::optional<http::Socket> daemon = connect_to(options_.daemon_socket);
  if (!daemon)
    return refuse(client, 502, "The Millrace daemon does not run", "The daemon does not answer.\n");
  if (request.tunnel) {
    open_tunnel(client, *daemon, request.host);
  } else {
    pass_on(client, *daemon, request.head);
  }
}

void ForwardProxy::open_tunnel(http::Socket& client, http::Socket& daemon,
                               const std::string& host) const {
  // What has been read is lost to the handshake.
  if (!client.buffered().empty())
    return refuse(client, 400, "Bad Request", "Bytes came before the tunnel was open.\n");
  client.write("HTTP/1.1 200 Connection established\r\n\r\n");
  const auto stream = context_.accept(client.fd(), host);
  relay(*stream, client.fd(), daemon.fd(), stop_.get());
}

void ForwardProxy::pass_on(http::Socket& client, http::Socket& daemon,
                           const std::string& head) const {
  daemon.write(head, client.buffered());
  http::PlainStream stream(client.fd());
  relay(stream, client.fd(), daemon.fd(), stop_.get());
}

}  // namespace millrace::proxy
