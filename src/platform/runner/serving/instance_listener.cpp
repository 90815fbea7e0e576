#include "platform/runner/serving/instance_listener.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "core/base/error.h"
#include "core/contract/workload.h"
#include "core/http/listener.h"
#include "core/io/fd_message.h"
#include "core/io/short_path.h"
#include "platform/runner/stop_signal.h"

namespace millrace::runner {
namespace {

/// How long to wait when this process has no descriptor left, until something has closed some.
constexpr std::chrono::milliseconds kPause{10};

}  // namespace

InstanceListener::InstanceListener(const std::filesystem::path& path)
    : path_(path),
      listener_(http::listen_unix(ShortPath(path).name())),
      thread_([this](const std::stop_token& end) { run(end); }) {}

InstanceListener::~InstanceListener() {
  ::unlink(path_.c_str());
}

void InstanceListener::open(std::shared_ptr<Door> door) {
  state_.with([&](State& state) { state.door = std::move(door); });
}

void InstanceListener::close(std::string reason) {
  state_.with([&](State& state) {
    state.door.reset();
    state.reason = std::move(reason);
  });
}

void InstanceListener::run(const std::stop_token& end) {
  const StopSignal signal(end);
  while (!end.stop_requested()) {
    pollfd waits[] = {{.fd = listener_.get(), .events = POLLIN, .revents = 0},
                      {.fd = signal.fd(), .events = POLLIN, .revents = 0}};
    if (::poll(waits, 2, -1) < 0 || waits[0].revents == 0) continue;
    const Fd caller(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (caller) {
      answer(caller.get());
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
      std::this_thread::sleep_for(kPause);
    }
  }
}

void InstanceListener::answer(int caller) {
  const State state = state_.with([](const State& now) { return now; });
  std::string refusal = state.reason;
  if (state.door) {
    try {
      const Fd server = state.door->connect();
      // A caller that has gone meanwhile needs nothing.
      send_with_fd(caller, {&instance_socket::kConnected, 1}, server.get());
      return;
    } catch (const Error& error) {
      refusal = error.what();
    }
  }
  refusal.insert(refusal.begin(), instance_socket::kRefused);
  refusal.resize(std::min(refusal.size(), 1 + instance_socket::kMaxReasonBytes));
  send_with_fd(caller, refusal, -1);
}

}  // namespace millrace::runner
