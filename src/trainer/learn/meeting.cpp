#include "trainer/learn/meeting.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include "core/base/error.h"
#include "core/base/fd.h"
#include "core/base/text.h"

namespace millrace {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes kPatience{30};
/// How often the stop request and the clock are looked at.
constexpr std::chrono::milliseconds kTick{100};
/// Of a number and its line end.
constexpr std::size_t kLongestLine = 16;

/// Ends the waiting: by a stop, or when it has been long enough.
class Waiting {
 public:
  Waiting(const MeetingPlace& place, const std::stop_token& stop)
      : place_(place), stop_(stop), end_(Clock::now() + kPatience) {}

  void check(const std::string& missing) const {
    const std::string meeting =
        "meeting the other hosts of the job at " + place_.hosts.front() + ": ";
    if (stop_.stop_requested()) throw Error(Blame::Platform, meeting + "stopped while waiting");
    if (Clock::now() > end_) throw Error(Blame::Platform, meeting + missing);
  }

 private:
  const MeetingPlace& place_;
  const std::stop_token& stop_;
  Clock::time_point end_;
};

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Addresses resolve(const MeetingPlace& place) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(place.hosts.front().c_str(), std::to_string(place.port).c_str(),
                                   &wanted, &found);
  return {failed == 0 ? found : nullptr, ::freeaddrinfo};
}

Fd socket_for(const addrinfo& address) {
  Fd fd(::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, address.ai_protocol));
  if (!fd) throw_errno("making a socket");
  return fd;
}

Fd listen_at(const MeetingPlace& place) {
  const std::string where = place.hosts.front() + ":" + std::to_string(place.port);
  const Addresses address = resolve(place);
  if (!address) throw Error(Blame::Platform, "the name of this host does not resolve: " + where);
  Fd fd = socket_for(*address);
  const int on = 1;
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), address->ai_addr, address->ai_addrlen) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0)
    throw_errno("listening at " + where);
  return fd;
}

void send_line(const Fd& fd, std::uint64_t number) {
  const std::string line = std::to_string(number) + "\n";
  // A peer that is gone is noticed when it is missed. A line fits any socket's buffer.
  (void)::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL);
}

/// A connection from which one line is awaited.
struct Peer {
  Fd fd;
  std::string text;
  bool lost = false;

  /// Takes what has come without waiting for more.
  void receive() {
    char block[kLongestLine];
    const ssize_t got = ::recv(fd.get(), block, sizeof block, MSG_DONTWAIT);
    if (got > 0) text.append(block, static_cast<std::size_t>(got));
    const bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
    lost = !later && (got <= 0 || text.size() > kLongestLine);
  }
  [[nodiscard]] std::optional<std::int64_t> number() const {
    if (!text.ends_with('\n')) return std::nullopt;
    return parse_int(text.substr(0, text.size() - 1));
  }
};

/// Until one of the descriptors has something to say, a tick at most.
void wait_for_any(std::vector<pollfd>& descriptors) {
  (void)::poll(descriptors.data(), descriptors.size(), static_cast<int>(kTick.count()));
}

/// The first host: waits for a connection from every other rank.
void receive_all(const MeetingPlace& place, std::uint16_t number, const Waiting& waiting) {
  const Fd listener = listen_at(place);
  std::vector<Peer> peers;
  const auto has_come = [&](std::size_t rank) {
    return std::any_of(peers.begin(), peers.end(), [&](const Peer& peer) {
      return peer.number() == static_cast<std::int64_t>(rank);
    });
  };
  for (;;) {
    std::size_t missing = 1;
    while (missing < place.hosts.size() && has_come(missing)) ++missing;
    if (missing == place.hosts.size()) break;
    waiting.check(place.hosts[missing] + " did not come");
    std::vector<pollfd> descriptors{{.fd = listener.get(), .events = POLLIN, .revents = 0}};
    for (const Peer& peer : peers)
      descriptors.push_back({.fd = peer.fd.get(), .events = POLLIN, .revents = 0});
    wait_for_any(descriptors);
    for (std::size_t i = 0; i < peers.size(); ++i)
      if (descriptors[i + 1].revents != 0) peers[i].receive();
    std::erase_if(peers, [](const Peer& peer) { return peer.lost; });
    if (descriptors[0].revents == 0) continue;
    if (Fd fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)); fd)
      peers.push_back({.fd = std::move(fd), .text = {}});
  }
  for (const Peer& peer : peers) send_line(peer.fd, number);
}

/// Every other host: connects as soon as the first is there.
Fd connect_to_first(const MeetingPlace& place, const Waiting& waiting) {
  for (;;) {
    const Addresses addresses = resolve(place);
    for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
      Fd fd = socket_for(*each);
      if (::connect(fd.get(), each->ai_addr, each->ai_addrlen) == 0) return fd;
    }
    waiting.check("it did not come");
    std::this_thread::sleep_for(kTick);
  }
}

std::uint16_t receive_number(const MeetingPlace& place, const Waiting& waiting) {
  for (;;) {
    Peer first{.fd = connect_to_first(place, waiting), .text = {}};
    send_line(first.fd, place.rank);
    while (!first.lost) {
      if (const auto number = first.number()) return static_cast<std::uint16_t>(*number);
      waiting.check("not all hosts came");
      std::vector<pollfd> descriptors{{.fd = first.fd.get(), .events = POLLIN, .revents = 0}};
      wait_for_any(descriptors);
      if (descriptors[0].revents != 0) first.receive();
    }
    // It is gone, or was another program at its port. The next connection will tell.
    waiting.check("it is gone");
    std::this_thread::sleep_for(kTick);
  }
}

}  // namespace

std::uint16_t meet(const MeetingPlace& place, std::uint16_t number, const std::stop_token& stop) {
  const Waiting waiting(place, stop);
  if (place.rank > 0) return receive_number(place, waiting);
  receive_all(place, number, waiting);
  return number;
}

}  // namespace millrace
