#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/http/head.h"
#include "core/http/socket.h"
#include "core/io/byte_source.h"

namespace millrace::http {

/// The body of one message, read from its connection and freed of the transfer coding (RFC 9112
/// section 7). Extensions of chunks and trailer fields are checked for form and discarded.
class BodyReader final : public ByteSource {
 public:
  /// `socket` must outlive the reader and be at the first byte after the head.
  BodyReader(Socket& socket, const BodyFraming& framing);

  std::size_t read(std::span<char> buffer) override;

  /// Everything has been read: the next message may follow.
  [[nodiscard]] bool ended() const { return state_ == State::Ended; }
  /// Bytes that have not been read yet; only for a body with a length.
  [[nodiscard]] std::uint64_t left() const { return left_; }
  [[nodiscard]] BodyFraming::Kind kind() const { return kind_; }
  /// The body's next bytes are the socket's next bytes: nothing of it was received ahead.
  [[nodiscard]] bool is_raw() const {
    return kind_ == BodyFraming::Kind::Length && state_ == State::Data &&
           socket_.buffered().empty() && socket_.is_plain();
  }
  /// So many bytes, at most left(), were taken from the socket itself while is_raw().
  void took(std::uint64_t bytes);

 private:
  enum class State { ChunkHead, Data, ChunkEnd, Ended, Broken };

  std::string_view read_line(std::size_t max_bytes);
  void read_chunk_head();
  void read_trailers();

  Socket& socket_;
  BodyFraming::Kind kind_;
  State state_ = State::Data;
  std::uint64_t left_ = 0;  ///< of the body or of the chunk
};

}  // namespace millrace::http
