#include "core/http/response_writer.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <vector>

#include "core/base/time.h"

namespace millrace::http {
namespace {

/// Up to here a file is read into memory and leaves in one packet with the head; beyond, sendfile
/// is cheaper.
constexpr std::uint64_t kMaxCopiedFileBytes = 32 * 1024;
constexpr std::size_t kStreamBlockBytes = 256 * 1024;

struct Phrase {
  int status;
  const char* text;
};

/// RFC 9110 section 15, and those AWS uses beyond it.
constexpr std::array<Phrase, 35> kPhrases{{{100, "Continue"},
                                           {200, "OK"},
                                           {201, "Created"},
                                           {202, "Accepted"},
                                           {204, "No Content"},
                                           {206, "Partial Content"},
                                           {301, "Moved Permanently"},
                                           {302, "Found"},
                                           {303, "See Other"},
                                           {304, "Not Modified"},
                                           {307, "Temporary Redirect"},
                                           {308, "Permanent Redirect"},
                                           {400, "Bad Request"},
                                           {401, "Unauthorized"},
                                           {403, "Forbidden"},
                                           {404, "Not Found"},
                                           {405, "Method Not Allowed"},
                                           {408, "Request Timeout"},
                                           {409, "Conflict"},
                                           {411, "Length Required"},
                                           {412, "Precondition Failed"},
                                           {413, "Content Too Large"},
                                           {415, "Unsupported Media Type"},
                                           {416, "Range Not Satisfiable"},
                                           {417, "Expectation Failed"},
                                           {424, "Failed Dependency"},
                                           {429, "Too Many Requests"},
                                           {431, "Request Header Fields Too Large"},
                                           {500, "Internal Server Error"},
                                           {501, "Not Implemented"},
                                           {502, "Bad Gateway"},
                                           {503, "Service Unavailable"},
                                           {504, "Gateway Timeout"},
                                           {505, "HTTP Version Not Supported"},
                                           {507, "Insufficient Storage"}}};

/// The Date field; made anew once a second.
const std::string& date_now() {
  thread_local std::chrono::sys_seconds made_at{};
  thread_local std::string text;
  const auto second = std::chrono::floor<std::chrono::seconds>(now());
  if (second != made_at || text.empty()) {
    text = rfc1123(second);
    made_at = second;
  }
  return text;
}

/// Values can hold what a client sent percent-encoded. A line break in one would let it write
/// fields of its own, so control characters become spaces, as RFC 9110 section 5.5 lets every
/// recipient do.
void append_value(std::string& head, std::string_view value) {
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    head += (byte < ' ' && byte != '\t') || byte == 0x7f ? ' ' : c;
  }
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  append_value(head, value);
  head += "\r\n";
}

std::string head_start(const Response& response) {
  std::string head;
  head.reserve(512);
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += reason_phrase(response.status);
  head += "\r\nDate: ";
  head += date_now();
  head += "\r\n";
  for (const auto& [name, value] : response.headers) append_field(head, name, value);
  return head;
}

/// nullopt for a stream of unknown length.
std::optional<std::uint64_t> length_of(const Body& body) {
  if (const auto* text = std::get_if<std::string>(&body)) return text->size();
  if (const auto* range = std::get_if<FileRange>(&body)) return range->length;
  return std::get<Stream>(body).length;
}

void send_small_file(Socket& socket, std::string_view head, const FileRange& range) {
  std::array<char, kMaxCopiedFileBytes> block;
  const auto length = static_cast<std::size_t>(range.length);
  std::size_t filled = 0;
  while (filled < length) {
    const ssize_t got = ::pread(range.file->get(), block.data() + filled, length - filled,
                                static_cast<off_t>(range.offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("reading a file to send");
    if (got == 0)
      throw Error(Blame::Platform, "reading a file to send: it is shorter than announced");
    filled += static_cast<std::size_t>(got);
  }
  socket.write(head, std::string_view(block.data(), length));
}

void send_stream_of_length(Socket& socket, std::string_view head, ByteSource& source,
                           std::uint64_t length) {
  socket.write(head, length > 0 ? Socket::More::Yes : Socket::More::No);
  std::vector<char> block(
      static_cast<std::size_t>(std::min<std::uint64_t>(length, kStreamBlockBytes)));
  while (length > 0) {
    const std::size_t got = source.read(std::span(block).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(length, block.size()))));
    if (got == 0) {
      throw Error(Blame::Platform, "sending a stream: it ended " + std::to_string(length) +
                                       " bytes before its length");
    }
    socket.write(std::string_view(block.data(), got));
    length -= got;
  }
}

void send_chunked(Socket& socket, std::string_view head, ByteSource& source) {
  socket.write(head);
  std::vector<char> block(kStreamBlockBytes);
  std::string frame;
  while (const std::size_t got = source.read(block)) {
    std::array<char, 16> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), got, 16).ptr;
    frame.append(digits.data(), end).append("\r\n");
    socket.write(frame, std::string_view(block.data(), got));
    frame = "\r\n";  // closes this chunk in the same packet as the next one's size
  }
  socket.write(frame, "0\r\n\r\n");
}

void send_until_close(Socket& socket, std::string_view head, ByteSource& source) {
  socket.write(head, Socket::More::Yes);
  std::vector<char> block(kStreamBlockBytes);
  while (const std::size_t got = source.read(block))
    socket.write(std::string_view(block.data(), got));
}

}  // namespace

Answered write_response(Socket& socket, Response& response, const AnswerForm& form) {
  std::string head = head_start(response);
  const bool has_no_body =
      response.status < 200 || response.status == 204 || response.status == 304;
  const bool head_only = form.to_head || has_no_body;
  std::optional<std::uint64_t> length = length_of(response.body);
  if (head_only && response.announced_length) length = response.announced_length;
  const bool announces = !has_no_body || (response.status == 304 && response.announced_length);

  bool keep_alive = form.keep_alive;
  const bool chunked = announces && !length && form.minor_version > 0;
  if (announces && length) append_field(head, "Content-Length", std::to_string(*length));
  if (chunked) append_field(head, "Transfer-Encoding", "chunked");
  if (announces && !length && !chunked && !head_only) keep_alive = false;
  if (!keep_alive) {
    append_field(head, "Connection", "close");
  } else if (form.minor_version == 0) {
    append_field(head, "Connection", "keep-alive");
  }
  head += "\r\n";

  if (head_only) {
    socket.write(head);
  } else if (const auto* text = std::get_if<std::string>(&response.body)) {
    socket.write(head, *text);
  } else if (auto* range = std::get_if<FileRange>(&response.body)) {
    if (range->length > kMaxCopiedFileBytes) {
      socket.write(head, Socket::More::Yes);
      return {.keep_alive = keep_alive, .rest = std::move(*range)};
    }
    send_small_file(socket, head, *range);
  } else if (ByteSource& source = *std::get<Stream>(response.body).source; length) {
    send_stream_of_length(socket, head, source, *length);
  } else if (chunked) {
    send_chunked(socket, head, source);
  } else {
    send_until_close(socket, head, source);
  }
  return {.keep_alive = keep_alive, .rest = std::nullopt};
}

void write_feed_head(Socket& socket, const Response& response) {
  std::string head = head_start(response);
  append_field(head, "Connection", "close");
  head += "\r\n";
  socket.write(head);
}

const char* reason_phrase(int status) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return "Unknown";
}

}  // namespace millrace::http
