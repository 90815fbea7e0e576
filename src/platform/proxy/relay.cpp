#include "platform/proxy/relay.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "platform/proxy/plain_stream.h"

namespace millrace::proxy {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;

using http::SecureStream;

/// One end of the relay, and what it has to be ready for before it is asked again.
struct End {
  SecureStream& stream;
  int fd;
  short wanted = 0;

  /// True when something moved, or ended.
  bool moved(const SecureStream::Step& step) {
    if (step.want == SecureStream::Want::Input) wanted |= POLLIN;
    if (step.want == SecureStream::Want::Output) wanted |= POLLOUT;
    return step.want == SecureStream::Want::Nothing;
  }
};

/// One direction: a block is received, then sent whole before the next.
class Flow {
 public:
  Flow(End& from, End& to) : from_(from), to_(to), block_(kBlockBytes) {}

  /// As far as both ends go without waiting for a while; false when nothing moved.
  bool advance() {
    bool progress = false;
    if (left_.empty() && !ended_) {
      const SecureStream::Step step = from_.stream.receive(block_);
      if (!from_.moved(step)) return false;
      ended_ = step.bytes == 0;
      left_ = {block_.data(), step.bytes};
      progress = true;
    }
    if (left_.empty()) return progress;
    return to_.moved(send()) || progress;
  }
  [[nodiscard]] bool done() const { return ended_ && left_.empty(); }

 private:
  /// A receiver that takes no more may still have something to say in the other direction.
  SecureStream::Step send() {
    SecureStream::Step step;
    try {
      step = to_.stream.send(left_);
      left_.remove_prefix(step.bytes);
    } catch (const Error&) {
      ended_ = true;
      left_ = {};
    }
    return step;
  }

  End& from_;
  End& to_;
  std::vector<char> block_;
  std::string_view left_;  ///< of block_, not sent yet
  bool ended_ = false;
};

}  // namespace

void relay(SecureStream& client, int client_fd, int daemon_fd, int stop_fd) {
  PlainStream daemon(daemon_fd);
  End outer{.stream = client, .fd = client_fd};
  End inner{.stream = daemon, .fd = daemon_fd};
  Flow up(outer, inner);
  Flow down(inner, outer);
  bool told = false;
  for (;;) {
    outer.wanted = 0;
    inner.wanted = 0;
    bool progress = up.advance();
    progress = down.advance() || progress;
    if (down.done()) return client.finish();
    if (up.done() && !told) {
      daemon.finish();
      told = true;
    }
    if (progress) continue;
    // A side that is not waited for is left out: poll would tell of its end again and again.
    const auto watched = [](const End& end) { return end.wanted == 0 ? -1 : end.fd; };
    std::array<pollfd, 3> ends{{{watched(outer), outer.wanted, 0},
                                {watched(inner), inner.wanted, 0},
                                {stop_fd, POLLIN, 0}}};
    if (::poll(ends.data(), ends.size(), -1) < 0) {
      if (errno != EINTR) throw_errno("poll");
      continue;
    }
    if (ends[2].revents != 0) return;
  }
}

}  // namespace millrace::proxy
