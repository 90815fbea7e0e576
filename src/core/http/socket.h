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
#include "core/http/secure_stream.h"

namespace millrace::http {

/// A connected, non-blocking stream socket with the bytes that were received ahead. Calls that find
/// the socket not ready wait with poll for at most `timeout`; then, and when the peer breaks off,
/// they throw Error(`blame`) with `peer` in the message and, when the customer is to blame, S3's
/// codes RequestTimeout and IncompleteBody.
class Socket {
 public:
  Socket(Fd fd, std::chrono::milliseconds timeout, Blame blame, std::string peer)
      : fd_(std::move(fd)), timeout_(timeout), blame_(blame), peer_(std::move(peer)) {}

  Socket(Socket&&) = default;

  /// From now on what is read and written is what `stream` makes of the socket's bytes.
  void secure(std::unique_ptr<SecureStream> stream) { secure_ = std::move(stream); }

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& peer() const { return peer_; }

  /// Received and not yet consumed.
  [[nodiscard]] std::string_view buffered() const {
    return {buffer_.get() + begin_, end_ - begin_};
  }
  void consume(std::size_t count);
  /// So many bytes are to be buffered in all: with room for them they are not moved while they
  /// arrive. At most 256 KiB are set aside for what is only announced.
  void expect(std::size_t bytes);
  /// Gives memory back that a large message has made the buffer take. Only while it is empty.
  void release_surplus();
  /// More may have arrived than polling the socket would tell.
  [[nodiscard]] bool pending() const { return secure_ && secure_->pending(); }
  /// False while the peer still owes part of the handshake.
  [[nodiscard]] bool established() const { return !secure_ || secure_->established(); }
  /// What travels over the socket are the very bytes that are read and written.
  [[nodiscard]] bool is_plain() const { return !secure_; }

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
  /// Two pieces in one system call, or one TLS record.
  void write(std::string_view first, std::string_view second, More more = More::No);
  /// Sends what is taken without waiting and returns how much; over TLS the next call must begin
  /// with the bytes that were not.
  std::size_t write_now(std::string_view bytes);
  /// Sends from the page cache what the kernel takes without waiting, at most `length` bytes, and
  /// returns how many; 0 when it takes none now. Over TLS a copy is encrypted; the next call must
  /// then go on behind the last one. Throws when the file is shorter.
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
  void grow(std::size_t capacity);
  /// One receive into `target`, as fill() has it.
  std::optional<std::size_t> receive(std::span<char> target, Wait wait);
  std::optional<std::size_t> receive_secure(std::span<char> target, Wait wait);
  void write_secure(std::string_view bytes);
  std::uint64_t send_file_secure(int file, std::uint64_t offset, std::uint64_t length);
  [[noreturn]] void throw_too_short() const;

  Fd fd_;
  std::unique_ptr<SecureStream> secure_;  ///< dies before fd_, on which it says good-bye
  std::chrono::milliseconds timeout_;
  Blame blame_;
  std::string peer_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace millrace::http
