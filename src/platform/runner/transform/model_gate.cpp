#include "platform/runner/transform/model_gate.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/error.h"
#include "core/http/handshake.h"

namespace millrace::runner {
namespace {

/// For a healthy server to accept.
constexpr std::chrono::milliseconds kAcceptTimeout{2000};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(Blame::Platform, "the model's server cannot be reached: " + why);
}

}  // namespace

void ModelGate::open(std::shared_ptr<Door> door) {
  const std::lock_guard lock(mutex_);
  door_ = std::move(door);
  changed_.notify_all();
}

void ModelGate::close(std::string reason) {
  const std::lock_guard lock(mutex_);
  door_.reset();
  if (!shut_) reason_ = std::move(reason);
}

void ModelGate::shut(std::string reason) {
  const std::lock_guard lock(mutex_);
  door_.reset();
  reason_ = std::move(reason);
  shut_ = true;
  changed_.notify_all();
}

bool ModelGate::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return door_ || shut_; });
  return door_ && !shut_;
}

Fd ModelGate::connect(Clock::time_point until, const std::stop_token& stop) {
  std::shared_ptr<Door> door;
  {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, until, [&] { return door_ || shut_; });
    if (!door_) refuse(reason_);
    door = door_;
  }
  Fd fd = door->connect();
  const int failure = http::await_handshake(fd.get(), kAcceptTimeout);
  if (failure != 0) refuse(std::strerror(failure));
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

}  // namespace millrace::runner
