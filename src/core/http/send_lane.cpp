#include "core/http/send_lane.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>
#include <utility>

#include "core/base/error.h"

namespace millrace::http {
namespace {

constexpr std::size_t kEventsAtOnce = 64;

bool send_more(Connection& connection) {
  try {
    return connection.send_more();
  } catch (const std::exception&) {
    // The worker that gets the connection back meets the same failure, and knows what to do with
    // it.
    return false;
  }
}

}  // namespace

SendLane::SendLane(std::function<void(Connection&)> give_back)
    : give_back_(std::move(give_back)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      stop_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  if (!epoll_ || !stop_ || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, stop_.get(), &event) != 0)
    throw_errno("preparing to send files");
  thread_ = std::jthread([this] { run(); });
}

SendLane::~SendLane() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void SendLane::take(Connection& connection) {
  epoll_event event{.events = EPOLLOUT, .data = {.ptr = &connection}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd(), &event) != 0)
    throw_errno("waiting to send a file");
}

void SendLane::run() {
  std::array<epoll_event, kEventsAtOnce> events;
  for (;;) {
    const int ready =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (connection == nullptr) return;
      if (send_more(*connection)) continue;
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection->fd(), nullptr);
      give_back_(*connection);
    }
  }
}

}  // namespace millrace::http
