#include "platform/aws/aws_chunked.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::aws {
namespace {

constexpr std::size_t kMaxChunkLineBytes = 256;
constexpr std::size_t kMaxTrailerLineBytes = 1024;
constexpr std::size_t kMaxTrailerLines = 16;
constexpr std::size_t kMaxSizeDigits = 15;  ///< sixteen could overflow a file offset
constexpr std::string_view kSignatureMark = "chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";
constexpr const char* kHashOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

[[noreturn]] void refuse(const char* code, std::string message) {
  throw Error(Blame::Customer, code, std::move(message));
}
[[noreturn]] void malformed(const std::string& what) {
  refuse("InvalidRequest", "The aws-chunked body is malformed: " + what);
}

[[noreturn]] void malformed_trailer(const std::string& what) {
  refuse("MalformedTrailerError",
         "The request contained trailing data that was not well-formed or did not conform to our "
         "published schema: " +
             what);
}

void check_signature(std::string_view computed, std::string_view claimed) {
  if (!constant_time_equal(computed, claimed)) {
    refuse("SignatureDoesNotMatch",
           "The request signature we calculated does not match the signature you provided. Check "
           "your key and signing "
           "method. The head of the request is signed correctly; a chunk or the trailer of its "
           "body is not.");
  }
}

bool is_field(std::string_view name, std::string_view value) {
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  const auto in_value = [](char c) { return c >= ' ' && c < 0x7f; };
  return !name.empty() && std::all_of(name.begin(), name.end(), in_name) &&
         std::all_of(value.begin(), value.end(), in_value);
}

}  // namespace

ChunkSignatures::ChunkSignatures(SigningScope scope, std::string key, std::string seed)
    : scope_(std::move(scope)), key_(std::move(key)), previous_(std::move(seed)) {}

std::string ChunkSignatures::next() {
  std::string text = "AWS4-HMAC-SHA256-PAYLOAD\n";
  text.append(scope_.timestamp)
      .append("\n")
      .append(scope_.text())
      .append("\n")
      .append(previous_)
      .append("\n");
  text.append(kHashOfNothing).append("\n").append(to_hex(digest_.finish()));
  previous_ = signature_of(key_, text);
  return previous_;
}

std::string ChunkSignatures::trailer(std::string_view lines) {
  std::string text = "AWS4-HMAC-SHA256-TRAILER\n";
  text.append(scope_.timestamp)
      .append("\n")
      .append(scope_.text())
      .append("\n")
      .append(previous_)
      .append("\n");
  text.append(to_hex(sha256(lines)));
  return signature_of(key_, text);
}

AwsChunked::AwsChunked(ByteSource& framed, std::optional<ChunkSignatures> signatures,
                       bool has_trailer)
    : framed_(framed), signatures_(std::move(signatures)), has_trailer_(has_trailer) {}

std::size_t AwsChunked::read(std::span<char> buffer) {
  if (state_ == State::Ended || buffer.empty()) return 0;
  if (state_ == State::Broken) malformed("it has already been refused");
  // Any failure on the way leaves the stream at an unknown place.
  State state = std::exchange(state_, State::Broken);
  if (state == State::ChunkEnd) {
    finish_chunk();
    state = State::ChunkHead;
  }
  if (state == State::ChunkHead) {
    read_chunk_head();
    if (left_ == 0) {
      read_trailer();
      state_ = State::Ended;
      return 0;
    }
  }
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer.size()));
  const std::size_t got = read_framed(buffer.first(wanted));
  if (signatures_) signatures_->update({buffer.data(), got});
  left_ -= got;
  state_ = left_ == 0 ? State::ChunkEnd : State::Data;
  return got;
}

/// At least one byte.
std::size_t AwsChunked::read_framed(std::span<char> target) {
  const std::size_t buffered = std::min(target.size(), ahead_end_ - ahead_begin_);
  if (buffered > 0) {
    std::memcpy(target.data(), ahead_.data() + ahead_begin_, buffered);
    ahead_begin_ += buffered;
    return buffered;
  }
  const std::size_t got = framed_.read(target);
  if (got == 0)
    refuse("IncompleteBody", "The aws-chunked body ended " + std::to_string(left_) +
                                 " bytes before the end of a chunk");
  return got;
}

void AwsChunked::fill() {
  ahead_begin_ = 0;
  ahead_end_ = framed_.read(ahead_);
  if (ahead_end_ == 0) refuse("IncompleteBody", "The aws-chunked body ended before its last chunk");
}

/// Without its CR LF.
std::string AwsChunked::read_line(std::size_t max_bytes) {
  std::string line;
  for (;;) {
    if (ahead_begin_ == ahead_end_) fill();
    const std::string_view text(ahead_.data() + ahead_begin_, ahead_end_ - ahead_begin_);
    const std::size_t feed = text.find('\n');
    line.append(text.substr(0, feed));
    if (line.size() > max_bytes + 1)
      malformed("a line between chunks is longer than " + std::to_string(max_bytes) + " bytes");
    ahead_begin_ += feed == std::string_view::npos ? text.size() : feed + 1;
    if (feed == std::string_view::npos) continue;
    if (!line.ends_with('\r')) malformed("a line between chunks does not end with CR LF");
    line.pop_back();
    return line;
  }
}

void AwsChunked::read_chunk_head() {
  const std::string line = read_line(kMaxChunkLineBytes);
  const std::size_t mark = std::min(line.find(';'), line.size());
  const char* const end = line.data() + mark;
  const bool signless = mark > 0 && line.front() != '-';
  const auto [parsed, failure] = std::from_chars(line.data(), end, left_, 16);
  if (!signless || mark > kMaxSizeDigits || failure != std::errc() || parsed != end) {
    malformed("a chunk's size is not 1 to 15 hexadecimal digits");
  }
  const std::string_view extension = std::string_view(line).substr(mark);
  if (!signatures_) {
    if (!extension.empty())
      malformed(
          "a chunk has an extension, although X-Amz-Content-Sha256 announces unsigned chunks");
    return;
  }
  if (!extension.starts_with(';') || !extension.substr(1).starts_with(kSignatureMark)) {
    malformed("a chunk has no chunk-signature");
  }
  claimed_ = extension.substr(1 + kSignatureMark.size());
}

void AwsChunked::finish_chunk() {
  if (!read_line(kMaxChunkLineBytes).empty()) malformed("a chunk is longer than its size says");
  if (signatures_) check_signature(signatures_->next(), claimed_);
}

void AwsChunked::read_trailer() {
  if (signatures_) check_signature(signatures_->next(), claimed_);
  std::string signed_lines;
  std::optional<std::string> signature;
  std::size_t lines = 0;
  for (;;) {
    const std::string line = read_line(kMaxTrailerLineBytes);
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    const std::string name = to_lower(line.substr(0, colon));
    const std::string_view value =
        colon == std::string::npos ? "" : trim(std::string_view(line).substr(colon + 1));
    if (colon == std::string::npos || !is_field(name, value))
      malformed_trailer("a line is not \"name:value\".");
    if (!has_trailer_) malformed_trailer("X-Amz-Trailer announces none.");
    if (++lines > kMaxTrailerLines)
      malformed_trailer("it has more than " + std::to_string(kMaxTrailerLines) + " lines.");
    if (signature) malformed_trailer("x-amz-trailer-signature must be the last line.");
    if (name == kTrailerSignature) {
      signature = value;
      continue;
    }
    signed_lines.append(name).append(":").append(value).append("\n");
    trailer_.add(name, std::string(value));
  }
  if (signatures_ && has_trailer_) {
    if (!signature) malformed_trailer("x-amz-trailer-signature is missing.");
    check_signature(signatures_->trailer(signed_lines), *signature);
  }
  std::array<char, 1> beyond;
  if (ahead_begin_ != ahead_end_ || framed_.read(beyond) != 0)
    malformed("bytes follow the last chunk");
}

}  // namespace millrace::aws
