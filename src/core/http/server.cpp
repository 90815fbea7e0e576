#include "core/http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/http/connection.h"
#include "core/http/feed_lane.h"
#include "core/http/listener.h"
#include "core/http/send_lane.h"

#if defined(__SANITIZE_THREAD__)
// ThreadSanitizer does not know that what a worker does before EPOLL_CTL_MOD, and the call itself,
// happen before the event that it lets through reaches another worker.
extern "C" const char* __tsan_default_suppressions() {
  return "race:epoll_ctl\n";
}
#endif

namespace millrace::http {
namespace {

constexpr std::chrono::seconds kStopPatience(5);

Fd checked(int fd, const char* what) {
  if (fd < 0) throw_errno(what);
  return Fd(fd);
}

std::string peer_name(const sockaddr_storage& name) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (name.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(name);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  if (name.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(name);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  return "unix";
}

/// A timer that becomes readable once a second.
Fd make_ticker() {
  Fd ticker =
      checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create");
  const itimerspec every_second{.it_interval = {.tv_sec = 1, .tv_nsec = 0},
                                .it_value = {.tv_sec = 1, .tv_nsec = 0}};
  if (::timerfd_settime(ticker.get(), 0, &every_second, nullptr) != 0)
    throw_errno("timerfd_settime");
  return ticker;
}

}  // namespace

/// All workers wait on one epoll. Every descriptor is armed for one event at a time, so the worker
/// that is woken owns what woke it: it reads the head, runs the handler and answers on the same
/// thread, while the kernel wakes another worker for the next event. A request therefore costs no
/// hand-off between threads, unless its answer is a large file: the SendLane sends that.
class Server::Loop {
 public:
  Loop(ServerOptions options, Handler handler);
  ~Loop();

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void watch(int fd, void* what, std::uint32_t events);
  void rearm(int fd, void* what, std::uint32_t events = EPOLLIN | EPOLLRDHUP);
  void work();
  void handle(void* what);
  void answered();
  void accept_from(const Fd& listener);
  Connection* admit(Fd accepted, const sockaddr_storage& name);
  void tick();
  void hand_over(Connection* connection);
  std::unique_ptr<Connection> extract(Connection* connection);

  const ServerOptions options_;
  const Handler handler_;
  Fd epoll_;
  Fd tcp_;
  Fd unix_;
  Fd ticker_;
  Fd stop_signal_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};  ///< answers are the last of their connections
  std::atomic<bool> leaving_{false};   ///< workers return
  Guarded<std::unordered_map<Connection*, std::unique_ptr<Connection>>> connections_;
  std::mutex workers_mutex_;
  std::condition_variable progress_;  ///< a worker has left, or nothing is being answered any more
  int running_workers_ = 0;           ///< under workers_mutex_
  /// Connections with a worker at work for them, or with part of a file left to send.
  std::atomic<int> answering_{0};
  std::vector<std::jthread> workers_;
  /// Whatever became of the file, a worker goes on: the next request may have arrived behind this
  /// one.
  FeedLane feeds_{options_.io_timeout};
  SendLane lane_{[this](Connection& connection) { rearm(connection.fd(), &connection, EPOLLOUT); }};
};

Server::Loop::Loop(ServerOptions options, Handler handler)
    : options_(std::move(options)), handler_(std::move(handler)) {
  epoll_ = checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  stop_signal_ = checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
  ticker_ = make_ticker();
  tcp_ = listen_tcp(options_.address, options_.port);
  port_ = bound_port(tcp_);
  if (options_.unix_socket) unix_ = listen_unix(*options_.unix_socket);

  watch(stop_signal_.get(), &stop_signal_, EPOLLIN);  // never read: every worker sees it
  watch(ticker_.get(), &ticker_, EPOLLIN | EPOLLONESHOT);
  watch(tcp_.get(), &tcp_, EPOLLIN | EPOLLONESHOT);
  if (unix_) watch(unix_.get(), &unix_, EPOLLIN | EPOLLONESHOT);
  running_workers_ = options_.workers;
  workers_.reserve(static_cast<std::size_t>(options_.workers));
  for (int i = 0; i < options_.workers; ++i) workers_.emplace_back([this] { work(); });
}

Server::Loop::~Loop() {
  stopping_ = true;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, tcp_.get(), nullptr);
  if (unix_) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, unix_.get(), nullptr);
  const auto patience = Connection::Clock::now() + kStopPatience;
  const auto wait_until_none = [&](const auto& count) {
    std::unique_lock lock(workers_mutex_);
    progress_.wait_until(lock, patience, [&] { return count == 0; });
  };
  wait_until_none(answering_);
  leaving_ = true;
  const std::uint64_t one = 1;
  static_cast<void>(
      !::write(stop_signal_.get(), &one, sizeof(one)));  // cannot fail: the counter is at zero
  wait_until_none(running_workers_);
  connections_.with([](auto& connections) {
    for (auto& [connection, owner] : connections) connection->abort();
  });
  workers_.clear();
  if (unix_) ::unlink(options_.unix_socket->c_str());
}

void Server::Loop::watch(int fd, void* what, std::uint32_t events) {
  epoll_event event{.events = events, .data = {.ptr = what}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) throw_errno("epoll_ctl");
}

void Server::Loop::rearm(int fd, void* what, std::uint32_t events) {
  epoll_event event{.events = events | EPOLLONESHOT, .data = {.ptr = what}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) throw_errno("epoll_ctl");
}

void Server::Loop::work() {
  while (!leaving_.load(std::memory_order_relaxed)) {
    epoll_event event{};
    if (::epoll_wait(epoll_.get(), &event, 1, -1) == 1) handle(event.data.ptr);
  }
  const std::lock_guard lock(workers_mutex_);
  --running_workers_;
  progress_.notify_one();
}

void Server::Loop::handle(void* what) {
  if (what == &stop_signal_) return;
  if (what == &ticker_ || what == &tcp_ || what == &unix_) {
    try {
      if (what == &ticker_) {
        tick();
      } else {
        accept_from(*static_cast<Fd*>(what));
      }
    } catch (const std::exception&) {
      // Out of memory, say: what was left undone is done at the next tick, which arms the
      // listeners.
    }
  } else {
    auto* connection = static_cast<Connection*>(what);
    const int fd = connection->fd();
    // One that was sending has been counted all along.
    if (!connection->sending()) ++answering_;
    Connection::Next next = Connection::Next::Close;
    try {
      next = connection->advance(handler_, stopping_);
      if (next != Connection::Next::AwaitOutput) answered();
      // From here on the connection may be in another worker's hands.
      if (next == Connection::Next::AwaitInput) rearm(fd, connection);
      if (next == Connection::Next::AwaitOutput) lane_.take(*connection);
      if (next == Connection::Next::Feed) hand_over(connection);
    } catch (const std::exception&) {
      // The peer broke off, or an answer could not be completed: the connection's end is all that
      // can be said.
      if (next == Connection::Next::Feed) return;  // and is closed already
      if (next != Connection::Next::AwaitInput) answered();
      next = Connection::Next::Close;
    }
    if (next == Connection::Next::Close) extract(connection);
  }
}

void Server::Loop::answered() {
  if (--answering_ > 0 || !stopping_) return;
  // Under the lock, or the one who waits could look before and sleep after.
  const std::lock_guard lock(workers_mutex_);
  progress_.notify_one();
}

void Server::Loop::accept_from(const Fd& listener) {
  constexpr int kMaxAtOnce = 16;  // then other events have their turn
  for (int i = 0; i < kMaxAtOnce; ++i) {
    sockaddr_storage name{};
    socklen_t size = sizeof(name);
    Fd accepted(::accept4(listener.get(), reinterpret_cast<sockaddr*>(&name), &size,
                          SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!accepted) {
      // Without descriptors the listener would wake us for ever: the next tick arms it again.
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return;
      break;
    }
    // Out of memory or of epoll watches, this connection ends and the others go on.
    Connection* connection = nullptr;
    try {
      connection = admit(std::move(accepted), name);
      watch(connection->fd(), connection, EPOLLIN | EPOLLRDHUP | EPOLLONESHOT);
    } catch (const std::exception&) {
      if (connection != nullptr) extract(connection);
    }
  }
  rearm(listener.get(), const_cast<Fd*>(&listener));
}

Connection* Server::Loop::admit(Fd accepted, const sockaddr_storage& name) {
  const int on = 1;
  if (name.ss_family != AF_UNIX)
    ::setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  Socket socket(std::move(accepted), options_.io_timeout, Blame::Customer, peer_name(name));
  if (options_.secure && name.ss_family != AF_UNIX) socket.secure(options_.secure(socket.fd()));
  auto owner = std::make_unique<Connection>(
      std::move(socket), Connection::Limits{.max_head_bytes = options_.max_head_bytes,
                                            .whole_body_bytes = options_.whole_body_bytes,
                                            .idle_timeout = options_.idle_timeout,
                                            .io_timeout = options_.io_timeout});
  Connection* connection = owner.get();
  connections_.with([&](auto& connections) { connections.emplace(connection, std::move(owner)); });
  return connection;
}

void Server::Loop::tick() {
  std::uint64_t ticks = 0;
  static_cast<void>(!::read(ticker_.get(), &ticks, sizeof(ticks)));
  rearm(ticker_.get(), &ticker_);  // first: whatever fails below, there is a next tick
  const auto at = Connection::Clock::now();
  connections_.with([&](auto& connections) {
    for (auto& [connection, owner] : connections) connection->expire(at);
  });
  rearm(tcp_.get(), &tcp_);
  if (unix_) rearm(unix_.get(), &unix_);
}

void Server::Loop::hand_over(Connection* connection) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection->fd(), nullptr);
  std::unique_ptr<Connection> owner = extract(connection);
  const FeedStart start = owner->take_feed();
  feeds_.take(std::move(owner), start);
}

/// The connection, which is nobody's any more: dropped, it is closed.
std::unique_ptr<Connection> Server::Loop::extract(Connection* connection) {
  return connections_.with(
      [&](auto& connections) { return std::move(connections.extract(connection).mapped()); });
}

Server::Server(ServerOptions options, Handler handler)
    : loop_(std::make_unique<Loop>(std::move(options), std::move(handler))) {}
Server::~Server() = default;
std::uint16_t Server::port() const {
  return loop_->port();
}

}  // namespace millrace::http
