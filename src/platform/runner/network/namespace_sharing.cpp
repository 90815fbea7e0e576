#include "platform/runner/network/namespace_sharing.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "core/base/error.h"
#include "core/http/listener.h"
#include "core/io/fd_message.h"
#include "core/io/short_path.h"
#include "core/io/unix_socket.h"
#include "platform/runner/retry.h"
#include "platform/runner/stop_signal.h"

namespace millrace::runner {
namespace {

constexpr char kNetwork = 'n';
constexpr char kUser = 'u';
constexpr std::chrono::milliseconds kLook{5};
/// A giver that was accepted answers within microseconds.
constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};

bool give(int taker, const NetworkNamespace& inside) {
  return send_with_fd(taker, {&kNetwork, 1}, inside.network.get()) &&
         (!inside.user || send_with_fd(taker, {&kUser, 1}, inside.user.get()));
}

}  // namespace

NamespaceGiver::NamespaceGiver(const std::filesystem::path& path, const NetworkNamespace& inside)
    : path_(path),
      inside_(inside),
      listener_(http::listen_unix(ShortPath(path).name())),
      thread_([this](const std::stop_token& end) { run(end); }) {}

NamespaceGiver::~NamespaceGiver() {
  ::unlink(path_.c_str());
}

void NamespaceGiver::wait_for(std::size_t takers, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return given_ >= takers; });
}

void NamespaceGiver::run(const std::stop_token& end) {
  const StopSignal signal(end);
  while (!end.stop_requested()) {
    pollfd waits[] = {{.fd = listener_.get(), .events = POLLIN, .revents = 0},
                      {.fd = signal.fd(), .events = POLLIN, .revents = 0}};
    if (::poll(waits, 2, -1) < 0 || waits[0].revents == 0) continue;
    const Fd taker(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!taker || !give(taker.get(), inside_)) continue;
    const std::lock_guard lock(mutex_);
    ++given_;
    changed_.notify_all();
  }
}

NetworkNamespace take_namespace(const std::filesystem::path& path, const std::stop_token& stop) {
  Fd giver;
  while (!(giver = connect_unix(path))) {
    // The first host has not come so far.
    if (errno != ENOENT && errno != ECONNREFUSED && errno != EAGAIN)
      throw_errno("joining the network of the job's first host");
    if (stop.stop_requested()) return {};
    wait_until(Backoff::Clock::now() + kLook, stop);
  }
  ::setsockopt(giver.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  NetworkNamespace taken;
  for (;;) {
    // A byte at a time: the descriptors of two messages must not come with one receive.
    char kind = 0;
    std::optional<FdMessage> message = receive_with_fd(giver.get(), {&kind, 1});
    if (!message) throw_errno("joining the network of the job's first host");
    if (message->length == 0) break;
    (kind == kNetwork ? taken.network : taken.user) = std::move(message->fd);
  }
  if (!taken.network) {
    throw Error(Blame::Platform,
                "joining the network of the job's first host: it broke off. It is ending or was "
                "killed");
  }
  return taken;
}

}  // namespace millrace::runner
