#include "core/http/head.h"

#include <algorithm>
#include <charconv>

#include "core/base/text.h"

namespace millrace::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool is_token_character(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

/// Visible ASCII; a target that needs anything else percent-encodes it.
bool is_target(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
  });
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes one line off `text`; nullopt when it does not end with CR LF or holds a lone CR or LF.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t feed = text.find('\n');
  if (feed == std::string_view::npos || feed == 0 || text[feed - 1] != '\r') return std::nullopt;
  const std::string_view line = text.substr(0, feed - 1);
  text.remove_prefix(feed + 1);
  if (line.find('\r') != std::string_view::npos) return std::nullopt;
  return line;
}

/// True when one of the comma-separated elements of a field is `element`.
bool lists(const Headers& headers, std::string_view name, std::string_view element) {
  for (const auto& [field, value] : headers) {
    if (!equal_ignoring_case(field, name)) continue;
    for (const std::string_view part : split(value, ',')) {
      if (equal_ignoring_case(trim_blanks(part), element)) return true;
    }
  }
  return false;
}

std::size_t count_of(const Headers& headers, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [&](const auto& field) { return equal_ignoring_case(field.first, name); }));
}

std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

/// What the length fields say; a message without any has no body as far as they know.
std::variant<BodyFraming, Refusal> framing_of(const Headers& headers, int minor_version) {
  const std::optional<std::string_view> coding = headers.find("Transfer-Encoding");
  const std::optional<std::string_view> length = headers.find("Content-Length");
  if (coding) {
    if (length) return Refusal{400, "The message has both Content-Length and Transfer-Encoding."};
    if (minor_version == 0) return Refusal{400, "HTTP/1.0 knows no Transfer-Encoding."};
    if (count_of(headers, "Transfer-Encoding") > 1)
      return Refusal{400, "Transfer-Encoding is given twice."};
    if (!equal_ignoring_case(*coding, "chunked")) {
      return Refusal{501, "The only Transfer-Encoding understood here is chunked."};
    }
    return BodyFraming{BodyFraming::Kind::Chunked, 0};
  }
  if (!length) return BodyFraming{};
  const std::optional<std::uint64_t> bytes = parse_length(*length);
  if (!bytes) return Refusal{400, "Content-Length is not a whole number of at most 64 bits."};
  for (const auto& [name, value] : headers) {
    if (equal_ignoring_case(name, "Content-Length") && value != *length) {
      return Refusal{400, "Content-Length is given twice with different values."};
    }
  }
  return BodyFraming{*bytes == 0 ? BodyFraming::Kind::None : BodyFraming::Kind::Length, *bytes};
}

bool keeps_alive(const Headers& headers, int minor_version) {
  if (lists(headers, "Connection", "close")) return false;
  return minor_version == 1 || lists(headers, "Connection", "keep-alive");
}

/// "HTTP/1.0" or "HTTP/1.1"; nullopt for text that is no version, -1 for one that is not spoken
/// here.
std::optional<int> parse_minor_version(std::string_view text) {
  if (text == "HTTP/1.1") return 1;
  if (text == "HTTP/1.0") return 0;
  if (text.size() == 8 && text.starts_with("HTTP/") && text[6] == '.') return -1;
  return std::nullopt;
}

/// Splits "/path?query" or "http://host/path?query", whose host then replaces the Host field (RFC
/// 9112 section 3.2.2).
bool read_target(std::string_view target, RequestHead& head) {
  if (target == "*" && head.method == "OPTIONS") {
    head.path = target;
    return true;
  }
  constexpr std::string_view kScheme = "http://";
  if (target.size() > kScheme.size() &&
      equal_ignoring_case(target.substr(0, kScheme.size()), kScheme)) {
    target.remove_prefix(kScheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    if (end == 0) return false;
    head.headers.set("Host", std::string(target.substr(0, end)));
    target.remove_prefix(end);
    if (target.empty() || target.front() == '?') {
      head.path = "/";
      head.query = target.empty() ? target : target.substr(1);
      return true;
    }
  }
  if (target.front() != '/') return false;
  const std::size_t mark = target.find('?');
  head.path = target.substr(0, mark);
  if (mark != std::string_view::npos) head.query = target.substr(mark + 1);
  return true;
}

constexpr const char* kBadFields =
    "A header line is malformed: expected \"Name: value\" ended by CR LF, without control "
    "characters or folded lines.";

}  // namespace

std::optional<std::size_t> find_head_end(std::string_view text, std::size_t searched) {
  // An empty line is CR LF CR LF, or with lone line feeds, which the parser then refuses by name.
  std::size_t from = searched < 3 ? 0 : searched - 3;
  while ((from = text.find('\n', from)) != std::string_view::npos) {
    ++from;
    if (text.substr(from, 1) == "\n") return from + 1;
    if (text.substr(from, 2) == kLineEnd) return from + 2;
  }
  return std::nullopt;
}

bool starts_request(char first) {
  return is_token_character(first) || first == '\r' || first == '\n';
}

std::optional<Headers> parse_fields(std::string_view lines) {
  Headers headers;
  headers.reserve(static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n')));
  std::size_t count = 0;
  while (!lines.empty()) {
    const std::optional<std::string_view> line = take_line(lines);
    if (!line || ++count > kMaxHeaderFields) return std::nullopt;
    const std::size_t colon = line->find(':');
    if (colon == std::string_view::npos || !is_token(line->substr(0, colon))) return std::nullopt;
    const std::string_view value = trim_blanks(line->substr(colon + 1));
    if (!is_field_value(value)) return std::nullopt;
    headers.add(std::string(line->substr(0, colon)), std::string(value));
  }
  return headers;
}

std::variant<RequestHead, Refusal> parse_request_head(std::string_view head) {
  const std::optional<std::string_view> line = take_line(head);
  if (!line) return Refusal{400, "The request line does not end with CR LF."};
  const std::size_t first = line->find(' ');
  const std::size_t last = line->rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return Refusal{400,
                   "The request line is not METHOD, TARGET and HTTP/1.1 with one space between."};
  }
  RequestHead request;
  request.method = line->substr(0, first);
  const std::string_view target = line->substr(first + 1, last - first - 1);
  const std::optional<int> version = parse_minor_version(line->substr(last + 1));
  if (!is_token(request.method) || !version) {
    return Refusal{400,
                   "The request line is not METHOD, TARGET and HTTP/1.1 with one space between."};
  }
  if (*version < 0) return Refusal{505, "Only HTTP/1.1 and HTTP/1.0 are spoken here."};
  request.minor_version = *version;
  if (!head.ends_with(kLineEnd)) return Refusal{400, kBadFields};
  head.remove_suffix(kLineEnd.size());
  if (std::count(head.begin(), head.end(), '\n') > static_cast<std::ptrdiff_t>(kMaxHeaderFields)) {
    return Refusal{
        431, "The request has more than " + std::to_string(kMaxHeaderFields) + " header fields."};
  }
  std::optional<Headers> headers = parse_fields(head);
  if (!headers) return Refusal{400, kBadFields};
  request.headers = *std::move(headers);

  const std::size_t hosts = count_of(request.headers, "Host");
  if (hosts > 1) return Refusal{400, "The request has more than one Host field."};
  if (hosts == 0 && request.minor_version == 1)
    return Refusal{400, "The request has no Host field."};
  if (!is_target(target) || !read_target(target, request)) {
    return Refusal{400, "The request target is not a percent-encoded path that starts with '/'."};
  }
  const auto framing = framing_of(request.headers, request.minor_version);
  if (const auto* refusal = std::get_if<Refusal>(&framing)) return *refusal;
  request.body = std::get<BodyFraming>(framing);
  request.keep_alive = keeps_alive(request.headers, request.minor_version);
  if (const auto expectation = request.headers.find("Expect");
      expectation && request.minor_version == 1) {
    if (!equal_ignoring_case(*expectation, "100-continue")) {
      return Refusal{417, "The only Expect understood here is 100-continue."};
    }
    // An announced body of no bytes counts: its client waits all the same.
    request.expects_continue =
        request.body.kind != BodyFraming::Kind::None || request.headers.find("Content-Length");
  }
  return request;
}

std::variant<ResponseHead, Refusal> parse_response_head(std::string_view head,
                                                        std::string_view method) {
  const std::optional<std::string_view> line = take_line(head);
  const std::optional<int> version =
      line ? parse_minor_version(line->substr(0, line->find(' '))) : std::nullopt;
  const std::optional<std::int64_t> status =
      line && line->size() >= 12 && (line->size() == 12 || (*line)[12] == ' ')
          ? parse_int(line->substr(9, 3))
          : std::nullopt;
  if (!version || *version < 0 || !status || *status < 100 || *status > 599) {
    return Refusal{400, "The status line is not HTTP/1.1 and a status from 100 to 599."};
  }
  if (!head.ends_with(kLineEnd)) return Refusal{400, kBadFields};
  head.remove_suffix(kLineEnd.size());
  std::optional<Headers> headers = parse_fields(head);
  if (!headers) return Refusal{400, kBadFields};

  ResponseHead response;
  response.status = static_cast<int>(*status);
  response.headers = *std::move(headers);
  response.keep_alive = keeps_alive(response.headers, *version);
  const auto framing = framing_of(response.headers, *version);
  if (const auto* refusal = std::get_if<Refusal>(&framing)) return *refusal;
  response.body = std::get<BodyFraming>(framing);
  const bool framed =
      response.headers.find("Content-Length") || response.headers.find("Transfer-Encoding");
  if (method == "HEAD" || response.status < 200 || response.status == 204 ||
      response.status == 304) {
    response.body = BodyFraming{};
  } else if (!framed) {
    response.body.kind = BodyFraming::Kind::UntilClose;
    response.keep_alive = false;
  }
  return response;
}

}  // namespace millrace::http
