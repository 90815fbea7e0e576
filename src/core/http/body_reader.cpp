#include "core/http/body_reader.h"

#include <algorithm>
#include <string>
#include <utility>

namespace millrace::http {
namespace {

constexpr std::size_t kMaxChunkLineBytes = 1024;
constexpr std::size_t kMaxTrailerBytes = 8 * 1024;
constexpr std::size_t kMaxSizeDigits = 15;  ///< sixteen could overflow a file offset

constexpr const char* kMalformed = "InvalidRequest";

/// Hexadecimal digits, then nothing or an extension.
std::optional<std::uint64_t> parse_chunk_size(std::string_view line) {
  std::uint64_t size = 0;
  std::size_t digits = 0;
  for (; digits < line.size(); ++digits) {
    const char c = line[digits];
    std::uint64_t value = 0;
    if (c >= '0' && c <= '9') {
      value = static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = static_cast<std::uint64_t>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      value = static_cast<std::uint64_t>(c - 'A') + 10;
    } else {
      break;
    }
    if (digits == kMaxSizeDigits) return std::nullopt;
    size = size * 16 + value;
  }
  const std::string_view extension = line.substr(digits);
  const bool plain =
      std::all_of(extension.begin(), extension.end(), [](char c) { return c >= ' ' && c < 0x7f; });
  if (digits == 0 || !plain || (!extension.empty() && extension.front() != ';'))
    return std::nullopt;
  return size;
}

}  // namespace

BodyReader::BodyReader(Socket& socket, const BodyFraming& framing)
    : socket_(socket), kind_(framing.kind), left_(framing.length) {
  if (kind_ == BodyFraming::Kind::Chunked) state_ = State::ChunkHead;
  if (kind_ == BodyFraming::Kind::None || (kind_ == BodyFraming::Kind::Length && left_ == 0))
    state_ = State::Ended;
}

std::size_t BodyReader::read(std::span<char> buffer) {
  if (state_ == State::Ended || buffer.empty()) return 0;
  if (state_ == State::Broken) socket_.fail("IncompleteBody", "the body has already broken off");
  // Any failure on the way leaves the stream at an unknown place.
  const State before = std::exchange(state_, State::Broken);
  if (kind_ == BodyFraming::Kind::UntilClose) {
    const std::size_t got = socket_.read(buffer);
    state_ = got == 0 ? State::Ended : State::Data;
    return got;
  }
  if (before == State::ChunkEnd && !read_line(kMaxChunkLineBytes).empty()) {
    socket_.fail(kMalformed, "a chunk is longer than its size says");
  }
  if (kind_ == BodyFraming::Kind::Chunked && before != State::Data) {
    read_chunk_head();
    if (state_ == State::Ended) return 0;
  }
  const std::size_t wanted =
      static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer.size()));
  const std::size_t got = socket_.read(buffer.first(wanted));
  if (got == 0) {
    socket_.fail(
        "IncompleteBody",
        "the body ended " + std::to_string(left_) + " bytes before " +
            (kind_ == BodyFraming::Kind::Chunked ? "the end of its chunk" : "its Content-Length"));
  }
  left_ -= got;
  if (left_ > 0) {
    state_ = State::Data;
  } else {
    state_ = kind_ == BodyFraming::Kind::Chunked ? State::ChunkEnd : State::Ended;
  }
  return got;
}

void BodyReader::took(std::uint64_t bytes) {
  left_ -= bytes;
  if (left_ == 0) state_ = State::Ended;
}

/// The next line without its CR LF, consumed; valid until the socket is read again.
std::string_view BodyReader::read_line(std::size_t max_bytes) {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view text = socket_.buffered();
    const std::size_t feed = text.find('\n', searched);
    if (feed == std::string_view::npos ? text.size() > max_bytes + 1 : feed > max_bytes + 1) {
      socket_.fail(kMalformed,
                   "a line between chunks is longer than " + std::to_string(max_bytes) + " bytes");
    }
    if (feed != std::string_view::npos) {
      if (feed == 0 || text[feed - 1] != '\r')
        socket_.fail(kMalformed, "a chunk's line does not end with CR LF");
      socket_.consume(feed + 1);
      return text.substr(0, feed - 1);
    }
    searched = text.size();
    if (*socket_.fill(Socket::Wait::Yes) == 0) {
      socket_.fail("IncompleteBody", "the body ended before its last chunk");
    }
  }
}

void BodyReader::read_chunk_head() {
  const std::optional<std::uint64_t> size = parse_chunk_size(read_line(kMaxChunkLineBytes));
  if (!size) socket_.fail(kMalformed, "a chunk's size is not 1 to 15 hexadecimal digits");
  if (*size == 0) {
    read_trailers();
    state_ = State::Ended;
    return;
  }
  left_ = *size;
  state_ = State::Broken;
}

void BodyReader::read_trailers() {
  std::string trailers;
  for (;;) {
    const std::string_view line = read_line(kMaxTrailerBytes);
    if (line.empty()) break;
    trailers.append(line).append("\r\n");
    if (trailers.size() > kMaxTrailerBytes) {
      socket_.fail(kMalformed,
                   "the trailers are longer than " + std::to_string(kMaxTrailerBytes) + " bytes");
    }
  }
  if (!parse_fields(trailers)) socket_.fail(kMalformed, "a trailer line is malformed");
}

}  // namespace millrace::http
