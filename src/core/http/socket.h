#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/fd.h"

namespace millrace::http {

/// A connected, non-blocking stream socket with the bytes that were received ahead. Calls that find
/// the socket not ready wait with poll for at most `timeout`; then, and when the peer breaks off,
/// they throw Error(`blame`) with `peer` in the message and, when the customer is to blame, S3's
/// codes RequestTimeout and IncompleteBody.
class Socket {
 public:
  Socket(Fd fd, std::chrono::milliseconds timeout, Blame blame, std::string peer)
      : fd_(std::move(fd)), timeout_(timeout), blame_(blame), peer_(std::move(peer)) {}

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& peer() const { return peer_; }

  /// Received and not yet consumed.
  [[nodiscard]] std::string_view buffered() const {
    return {buffer_.get() + begin_, end_ - begin_};
  }
  void consume(std::size_t count);
  /// Gives memory back that a large message has made the buffer take. Only while it is empty.
  void release_surplus();

  enum class Wait { No, Yes };
  /// One receive behind buffered(). 0 at the end of the stream; nullopt when nothing has come and
  /// `wait` is No.
  std::optional<std::size_t> fill(Wait wait);

  /// Buffered bytes first, otherwise straight from the socket; 0 at the end of the stream.
  std::size_t read(std::span<char> target);

  /// Sends everything; `more` promises that more follows at once, so that the kernel may wait to
  /// fill a packet.
  enum class More { No, Yes };
  void write(std::string_view bytes, More more = More::No);
  /// Two pieces in one system call.
  void write(std::string_view first, std::string_view second, More more = More::No);
  /// Sends from the page cache what the kernel takes without waiting, at most `length` bytes, and
  /// returns how many; 0 when it takes none now. Throws when the file is shorter.
  std::uint64_t send_file(int file, std::uint64_t offset, std::uint64_t length);

  /// Lets the kernel hold more of what is sent, as much as it allows, so that more goes out at once
  /// each time the peer has made room: a third less CPU time per byte (bench/s3_server.py). For
  /// large answers.
  void enlarge_send_buffer() const;

  /// True when the peer has sent something or closed.
  [[nodiscard]] bool readable() const;
  /// Tells the peer that nothing more comes and discards what it still sends until it closes, so
  /// that it can read the answer before the kernel resets the connection. Gives up after a pause of
  /// two seconds (or `timeout`) or ten in total.
  void linger() noexcept;

  [[noreturn]] void fail(const char* code, std::string_view what) const;

 private:
  void wait_for(short events) const;
  void make_room();

  Fd fd_;
  std::chrono::milliseconds timeout_;
  Blame blame_;
  std::string peer_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace millrace::http
