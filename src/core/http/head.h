#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/http/message.h"

namespace millrace::http {

/// Why a message was not understood, as it is answered: RFC 9110 status and one sentence.
struct Refusal {
  int status = 400;
  std::string reason;
};

/// How a message says where its body ends (RFC 9112 section 6.3).
struct BodyFraming {
  enum class Kind { None, Length, Chunked, UntilClose };
  Kind kind = Kind::None;
  std::uint64_t length = 0;
};

struct RequestHead {
  std::string method;
  std::string path;
  std::string query;
  Headers headers;
  BodyFraming body;
  int minor_version = 1;  ///< of HTTP/1.x
  bool keep_alive = true;
  bool expects_continue = false;
};

struct ResponseHead {
  int status = 0;
  Headers headers;
  BodyFraming body;
  bool keep_alive = true;
};

/// More fields than this are refused: every look-up walks them all.
inline constexpr std::size_t kMaxHeaderFields = 256;

/// Bytes up to and including the first empty line of `text`; nullopt while there is none.
/// `searched` bytes at the start are known to hold no end.
std::optional<std::size_t> find_head_end(std::string_view text, std::size_t searched);

/// True when a request can start with this byte; TLS and other binary protocols are told apart by
/// it at once.
bool starts_request(char first);

/// `head` ends with its empty line. RFC 9112 read strictly: lines end with CR LF, no folded lines,
/// no control characters, one Host, and a body framed in exactly one way, so that no proxy can read
/// the message differently.
std::variant<RequestHead, Refusal> parse_request_head(std::string_view head);

/// As above for the answer to a request with `method`, which decides whether a body follows.
std::variant<ResponseHead, Refusal> parse_response_head(std::string_view head,
                                                        std::string_view method);

/// Field lines, each ended by CR LF, without the empty line; nullopt when one is malformed. Also
/// reads trailers.
std::optional<Headers> parse_fields(std::string_view lines);

}  // namespace millrace::http
