#include "core/http/socket.h"

#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace millrace::http {
namespace {

constexpr std::size_t kFirstBufferBytes = 8 * 1024;
/// What an idle connection may keep.
constexpr std::size_t kMaxKeptBytes = 64 * 1024;
constexpr std::size_t kMaxExpectedBytes = 256 * 1024;

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

/// What breaks a private connection, told as what breaks a plain one.
template <class Call>
SecureStream::Step guarded(const Socket& socket, Call call) {
  try {
    return call();
  } catch (const Error& error) {
    socket.fail("IncompleteBody", error.what());
  }
}

short events_of(SecureStream::Want want) {
  return want == SecureStream::Want::Input ? POLLIN : POLLOUT;
}

}  // namespace

void Socket::consume(std::size_t count) {
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

void Socket::release_surplus() {
  if (begin_ < end_ || capacity_ <= kMaxKeptBytes) return;
  buffer_.reset();
  capacity_ = 0;
}

void Socket::expect(std::size_t bytes) {
  const std::size_t needed = std::min(bytes, kMaxExpectedBytes);
  if (needed > capacity_) grow(needed);
}

void Socket::grow(std::size_t capacity) {
  auto buffer = std::make_unique_for_overwrite<char[]>(capacity);
  if (end_ > begin_) std::memcpy(buffer.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  buffer_ = std::move(buffer);
  capacity_ = capacity;
}

void Socket::make_room() {
  if (end_ < capacity_) return;
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    return;
  }
  grow(capacity_ == 0 ? kFirstBufferBytes : capacity_ * 2);
}

std::optional<std::size_t> Socket::fill(Wait wait) {
  make_room();
  const auto got = receive({buffer_.get() + end_, capacity_ - end_}, wait);
  end_ += got.value_or(0);
  return got;
}

std::size_t Socket::read(std::span<char> target) {
  if (begin_ < end_) {
    const std::size_t count = std::min(target.size(), end_ - begin_);
    std::memcpy(target.data(), buffer_.get() + begin_, count);
    consume(count);
    return count;
  }
  return *receive(target, Wait::Yes);
}

std::optional<std::size_t> Socket::receive(std::span<char> target, Wait wait) {
  if (secure_) return receive_secure(target, wait);
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), target.data(), target.size(), 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    if (!would_block(errno))
      fail("IncompleteBody", std::string("receiving failed: ") + std::strerror(errno));
    if (wait == Wait::No) return std::nullopt;
    wait_for(POLLIN);
  }
}

std::optional<std::size_t> Socket::receive_secure(std::span<char> target, Wait wait) {
  for (;;) {
    const SecureStream::Step step = guarded(*this, [&] { return secure_->receive(target); });
    if (step.want == SecureStream::Want::Nothing) return step.bytes;
    // Output is wanted only where a peer has stopped to take its own handshake: it is waited for as
    // if for its next bytes, and cut off with those who send none.
    if (wait == Wait::No) return std::nullopt;
    wait_for(events_of(step.want));
  }
}

void Socket::write(std::string_view bytes, More more) {
  write(bytes, {}, more);
}

void Socket::write(std::string_view first, std::string_view second, More more) {
  if (secure_) {
    if (first.empty() || second.empty()) return write_secure(first.empty() ? second : first);
    // What fits one record leaves as one.
    constexpr std::size_t kRecordBytes = 16 * 1024;
    const std::size_t joined = std::min(second.size(), kRecordBytes - first.size() % kRecordBytes);
    write_secure(std::string(first).append(second.substr(0, joined)));
    return write_secure(second.substr(joined));
  }
  const int flags = MSG_NOSIGNAL | (more == More::Yes ? MSG_MORE : 0);
  while (!first.empty() || !second.empty()) {
    std::array<iovec, 2> pieces{{{const_cast<char*>(first.data()), first.size()},
                                 {const_cast<char*>(second.data()), second.size()}}};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t sent = ::sendmsg(fd_.get(), &message, flags);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (!would_block(errno))
        fail("IncompleteBody", std::string("sending failed: ") + std::strerror(errno));
      wait_for(POLLOUT);
      continue;
    }
    const std::size_t of_first = std::min(first.size(), static_cast<std::size_t>(sent));
    first.remove_prefix(of_first);
    second.remove_prefix(static_cast<std::size_t>(sent) - of_first);
  }
}

void Socket::write_secure(std::string_view bytes) {
  while (!bytes.empty()) {
    const SecureStream::Step step = guarded(*this, [&] { return secure_->send(bytes); });
    bytes.remove_prefix(step.bytes);
    if (step.want != SecureStream::Want::Nothing) wait_for(events_of(step.want));
  }
}

std::size_t Socket::write_now(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const std::string_view rest = bytes.substr(taken);
    if (secure_) {
      const SecureStream::Step step = guarded(*this, [&] { return secure_->send(rest); });
      taken += step.bytes;
      if (step.want != SecureStream::Want::Nothing) break;
      continue;
    }
    const ssize_t sent = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (would_block(errno)) break;
      fail("IncompleteBody", std::string("sending failed: ") + std::strerror(errno));
    }
    taken += static_cast<std::size_t>(sent);
  }
  return taken;
}

std::uint64_t Socket::send_file_secure(int file, std::uint64_t offset, std::uint64_t length) {
  // A whole number of records. What is read again after a full socket are the same bytes: the files
  // that are sent never change.
  thread_local std::array<char, 64 * 1024> block;
  std::uint64_t sent = 0;
  while (sent < length) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(length - sent, block.size()));
    const ssize_t got = ::pread(file, block.data(), wanted, static_cast<off_t>(offset + sent));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("reading a file to send");
    if (got == 0) throw_too_short();
    const std::string_view bytes(block.data(), static_cast<std::size_t>(got));
    const SecureStream::Step step = guarded(*this, [&] { return secure_->send(bytes); });
    sent += step.bytes;
    if (step.want != SecureStream::Want::Nothing) break;
  }
  return sent;
}

std::uint64_t Socket::send_file(int file, std::uint64_t offset, std::uint64_t length) {
  if (secure_) return send_file_secure(file, offset, length);
  auto position = static_cast<off_t>(offset);
  for (;;) {
    const ssize_t sent = ::sendfile(fd_.get(), file, &position, static_cast<std::size_t>(length));
    if (sent > 0) return static_cast<std::uint64_t>(sent);
    if (sent == 0) throw_too_short();
    if (would_block(errno)) return 0;
    if (errno != EINTR)
      fail("IncompleteBody", std::string("sending a file failed: ") + std::strerror(errno));
  }
}

void Socket::enlarge_send_buffer() const {
  // The kernel doubles it. What is queued are references to the page cache, but they count against
  // net.ipv4.tcp_mem: a hundred clients that read slowly may hold them.
  constexpr int kBytes = 8 << 20;
  // Without privileges net.core.wmem_max is the limit.
  if (::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kBytes, sizeof kBytes) != 0)
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDBUF, &kBytes, sizeof kBytes);
}

bool Socket::readable() const {
  if (begin_ < end_ || pending()) return true;
  pollfd waiting{fd_.get(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

void Socket::linger() noexcept {
  using std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kMaxPause(2000);
  constexpr std::chrono::seconds kMaxTotal(10);
  if (secure_) secure_->finish();
  if (::shutdown(fd_.get(), SHUT_WR) != 0) return;
  const auto deadline = steady_clock::now() + kMaxTotal;
  std::array<char, 64 * 1024> waste;
  while (steady_clock::now() < deadline) {
    const ssize_t got = ::recv(fd_.get(), waste.data(), waste.size(), 0);
    if (got > 0 || (got < 0 && errno == EINTR)) continue;
    if (got == 0 || !would_block(errno)) return;
    pollfd waiting{fd_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::min(kMaxPause, timeout_).count())) == 0) return;
  }
}

void Socket::throw_too_short() const {
  throw Error(Blame::Platform,
              "sending a file to " + peer_ + ": the file is shorter than announced");
}

void Socket::fail(const char* code, std::string_view what) const {
  throw Error(blame_, blame_ == Blame::Customer ? code : "",
              "connection with " + peer_ + ": " + std::string(what));
}

void Socket::wait_for(short events) const {
  pollfd waiting{fd_.get(), events, 0};
  for (;;) {
    const int ready = ::poll(&waiting, 1, static_cast<int>(timeout_.count()));
    if (ready > 0) return;
    if (ready == 0) {
      fail("RequestTimeout", "no byte was " + std::string(events == POLLIN ? "received" : "taken") +
                                 " for " + std::to_string(timeout_.count() / 1000) + " s");
    }
    if (errno != EINTR) throw_errno("poll");
  }
}

}  // namespace millrace::http
