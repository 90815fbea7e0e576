#include "platform/runner/network/relay.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/io/fd_message.h"
#include "core/io/unix_socket.h"
#include "platform/runner/stop_signal.h"

namespace millrace::runner {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;

/// One direction: at most a block is under way, so that a slow reader slows the writer.
class Flow {
 public:
  Flow(int from, int to)
      : from_(from), to_(to), block_(std::make_unique_for_overwrite<char[]>(kBlockBytes)) {}

  [[nodiscard]] bool wants_to_read() const { return !ended_ && begin_ == end_; }
  [[nodiscard]] bool wants_to_write() const { return begin_ < end_; }
  /// Everything has been handed on, the end too.
  [[nodiscard]] bool over() const { return ended_ && begin_ == end_; }

  /// Moves what can be moved without waiting. False when the connection is broken.
  bool move() {
    if (wants_to_read()) {
      const ssize_t got = ::recv(from_, block_.get(), kBlockBytes, MSG_DONTWAIT);
      if (got < 0) return errno == EAGAIN || errno == EINTR;
      begin_ = 0;
      end_ = static_cast<std::size_t>(got);
      ended_ = got == 0;
      if (ended_) ::shutdown(to_, SHUT_WR);
    }
    if (!wants_to_write()) return true;
    const ssize_t sent =
        ::send(to_, block_.get() + begin_, end_ - begin_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    begin_ += static_cast<std::size_t>(sent);
    return true;
  }

 private:
  const int from_;
  const int to_;
  std::unique_ptr<char[]> block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
};

class Connection {
 public:
  Connection(Fd program, Fd daemon)
      : program_(std::move(program)),
        daemon_(std::move(daemon)),
        out_(program_.get(), daemon_.get()),
        back_(daemon_.get(), program_.get()) {}

  void add_to(std::vector<pollfd>& waits) const {
    waits.push_back(wait_for(program_, events(out_, back_)));
    waits.push_back(wait_for(daemon_, events(back_, out_)));
  }
  /// False when it is over or broken.
  bool move() { return out_.move() && back_.move() && !(out_.over() && back_.over()); }

 private:
  /// Of the socket that `from` reads and `to` writes.
  static short events(const Flow& from, const Flow& to) {
    return static_cast<short>((from.wants_to_read() ? POLLIN : 0) |
                              (to.wants_to_write() ? POLLOUT : 0));
  }
  /// A socket that nothing is wanted of is not waited for: poll() reports one whose peer has gone
  /// whatever it was asked, at once and for ever.
  static pollfd wait_for(const Fd& socket, short events) {
    return {.fd = events == 0 ? -1 : socket.get(), .events = events, .revents = 0};
  }

  const Fd program_;
  const Fd daemon_;
  Flow out_;
  Flow back_;
};

void relay(int arrivals, const Relay::Connect& connect, std::atomic<std::int64_t>& made,
           const std::stop_token& end) {
  const StopSignal signal(end);
  std::list<Connection> connections;
  std::vector<pollfd> waits;
  while (!end.stop_requested()) {
    waits.clear();
    waits.push_back({.fd = arrivals, .events = POLLIN, .revents = 0});
    waits.push_back({.fd = signal.fd(), .events = POLLIN, .revents = 0});
    for (const Connection& connection : connections) connection.add_to(waits);
    if (::poll(waits.data(), waits.size(), -1) < 0) continue;
    std::size_t at = 2;
    for (auto each = connections.begin(); each != connections.end(); at += 2) {
      const bool ready = waits[at].revents != 0 || waits[at + 1].revents != 0;
      each = ready && !each->move() ? connections.erase(each) : std::next(each);
    }
    if (waits[0].revents == 0) continue;
    char byte = 0;
    std::optional<FdMessage> message = receive_with_fd(arrivals, {&byte, 1});
    if (message && message->length == 0) return;
    if (!message || !message->fd || connections.size() >= Relay::kMaxConnections) continue;
    try {
      connections.emplace_back(std::move(message->fd), connect());
      ++made;
    } catch (const Error&) {
      // The daemon is away: the program's client tries again, as with any server.
    }
  }
}

}  // namespace

Relay::Relay(int arrivals, Connect connect)
    : thread_([this, arrivals, connect = std::move(connect)](const std::stop_token& end) {
        relay(arrivals, connect, connections_, end);
      }) {}

Fd connect_to_daemon(const std::string& path) {
  Fd socket = connect_unix(path, SOCK_NONBLOCK);
  if (!socket) throw_errno("connecting to the daemon");
  return socket;
}

}  // namespace millrace::runner
