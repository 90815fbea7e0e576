#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/http/message.h"
#include "core/io/byte_source.h"
#include "platform/aws/digest.h"
#include "platform/aws/sigv4.h"

namespace millrace::aws {

/// The chain of signatures of a body in signed chunks: each covers its chunk and the signature
/// before it (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html).
class ChunkSignatures {
 public:
  /// `seed` is the signature of the request's head.
  ChunkSignatures(SigningScope scope, std::string key, std::string seed);

  void update(std::string_view chunk_bytes) { digest_.update(chunk_bytes); }
  /// The signature of the chunk whose bytes were given since the last call.
  std::string next();
  /// The signature of the trailer: `lines` are "name:value" each ended by LF.
  std::string trailer(std::string_view lines);

 private:
  SigningScope scope_;
  std::string key_;
  std::string previous_;
  Digest digest_{Digest::Kind::Sha256};
};

/// Undoes Content-Encoding aws-chunked. Without signatures the chunks must not carry any; with them
/// every chunk and the trailer must. Throws Error(Customer): InvalidRequest for framing that is not
/// as documented, IncompleteBody for a body that ends early, SignatureDoesNotMatch,
/// MalformedTrailerError.
class AwsChunked final : public ByteSource {
 public:
  /// `framed` must outlive it. `has_trailer`: the client announced one in X-Amz-Trailer.
  AwsChunked(ByteSource& framed, std::optional<ChunkSignatures> signatures, bool has_trailer);

  std::size_t read(std::span<char> buffer) override;

  /// Fields after the last chunk, without the trailer's signature; complete after the end.
  [[nodiscard]] const http::Headers& trailer() const { return trailer_; }

 private:
  enum class State { ChunkHead, Data, ChunkEnd, Ended, Broken };

  std::string read_line(std::size_t max_bytes);
  void read_chunk_head();
  void finish_chunk();
  void read_trailer();
  std::size_t read_framed(std::span<char> target);
  void fill();

  ByteSource& framed_;
  std::optional<ChunkSignatures> signatures_;
  bool has_trailer_;
  State state_ = State::ChunkHead;
  std::uint64_t left_ = 0;  ///< of the current chunk
  std::string claimed_;     ///< signature of the current chunk
  http::Headers trailer_;
  std::array<char, 4096> ahead_;  ///< framed bytes read past the last line
  std::size_t ahead_begin_ = 0;
  std::size_t ahead_end_ = 0;
};

}  // namespace millrace::aws
