#include "core/http/relayed_pair.h"

#include <cstddef>

#include "core/base/error.h"

namespace millrace::http {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;

}  // namespace

bool RelayedPair::End::moved(const SecureStream::Step& step) {
  if (step.want == SecureStream::Want::Input) wanted |= POLLIN;
  if (step.want == SecureStream::Want::Output) wanted |= POLLOUT;
  return step.want == SecureStream::Want::Nothing;
}

pollfd RelayedPair::End::wait() const {
  return {.fd = wanted == 0 ? -1 : fd, .events = wanted, .revents = 0};
}

RelayedPair::Flow::Flow(End& from, End& to)
    : from_(from), to_(to), block_(std::make_unique_for_overwrite<char[]>(kBlockBytes)) {}

bool RelayedPair::Flow::advance() {
  bool progress = false;
  if (left_.empty() && !ended_) {
    const SecureStream::Step step = from_.stream.receive({block_.get(), kBlockBytes});
    if (!from_.moved(step)) return false;
    ended_ = step.bytes == 0;
    left_ = {block_.get(), step.bytes};
    progress = true;
  }
  if (left_.empty()) return progress;
  return to_.moved(send()) || progress;
}

/// A receiver that takes no more may still have something to say in the other direction.
SecureStream::Step RelayedPair::Flow::send() {
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

RelayedPair::RelayedPair(SecureStream& client, int client_fd, SecureStream& server, int server_fd)
    : client_{.stream = client, .fd = client_fd},
      server_{.stream = server, .fd = server_fd},
      up_(client_, server_),
      down_(server_, client_) {}

bool RelayedPair::advance() {
  client_.wanted = 0;
  server_.wanted = 0;
  bool progress = up_.advance();
  progress = down_.advance() || progress;
  if (down_.done() && !client_told_) {
    client_.stream.finish();
    client_told_ = true;
  }
  if (up_.done() && !server_told_) {
    server_.stream.finish();
    server_told_ = true;
  }
  return progress;
}

std::array<pollfd, 2> RelayedPair::waits() const {
  return {client_.wait(), server_.wait()};
}

}  // namespace millrace::http
