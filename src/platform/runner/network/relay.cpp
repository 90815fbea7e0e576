#include "platform/runner/network/relay.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>
#include <list>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/http/plain_stream.h"
#include "core/http/relayed_pair.h"
#include "core/io/fd_message.h"
#include "core/io/unix_socket.h"
#include "platform/runner/stop_signal.h"

namespace millrace::runner {
namespace {

/// So much of one connection before the others have their turn.
constexpr int kStepsAtOnce = 16;

class Connection {
 public:
  Connection(Fd program, Fd daemon)
      : program_(std::move(program)),
        daemon_(std::move(daemon)),
        pair_(program_stream_, program_.get(), daemon_stream_, daemon_.get()) {}

  void add_to(std::vector<pollfd>& waits) const {
    for (const pollfd& wait : pair_.waits()) waits.push_back(wait);
  }
  /// It could move on without waiting.
  [[nodiscard]] bool hot() const { return hot_; }
  /// False when it is over or broken.
  bool move() {
    try {
      hot_ = true;
      for (int step = 0; step < kStepsAtOnce && hot_ && !pair_.over(); ++step)
        hot_ = pair_.advance();
      return !pair_.over();
    } catch (const Error&) {
      return false;
    }
  }

 private:
  const Fd program_;
  const Fd daemon_;
  http::PlainStream program_stream_{program_.get()};
  http::PlainStream daemon_stream_{daemon_.get()};
  http::RelayedPair pair_;
  bool hot_ = true;
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
    const bool hot = std::any_of(connections.begin(), connections.end(),
                                 [](const Connection& connection) { return connection.hot(); });
    if (::poll(waits.data(), waits.size(), hot ? 0 : -1) < 0) continue;
    std::size_t at = 2;
    for (auto each = connections.begin(); each != connections.end(); at += 2) {
      const bool ready = each->hot() || waits[at].revents != 0 || waits[at + 1].revents != 0;
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
