#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/fd.h"
#include "core/http/feed.h"
#include "core/io/byte_source.h"

namespace millrace::http {

/// Header fields in the order sent; names compare without regard to case.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  /// The first value; nullopt when absent.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// Replaces every field of that name.
  void set(std::string name, std::string value);
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  void reserve(std::size_t fields) { fields_.reserve(fields); }

  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

/// A request whose head has been read; the body is still on the socket.
struct Request {
  std::string method;  ///< upper case
  std::string path;    ///< as sent, percent-encoded, before '?'; signatures cover this form
  std::string query;   ///< as sent, after '?', may be empty
  Headers headers;
  std::optional<std::uint64_t> content_length;  ///< nullopt with chunked transfer coding
  std::string peer;                             ///< "127.0.0.1:51234" or "unix"
  /// Undoes the transfer coding; never null, empty when there is no body. The first read sends "100
  /// Continue" to a client that waits for it. Throws Error when the client breaks off, stalls or
  /// sends malformed chunks.
  ByteSource* body = nullptr;
};

/// Part of an open file, sent with sendfile.
struct FileRange {
  std::shared_ptr<const Fd> file;  ///< shared with a cache of open objects
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// A stream is sent with chunked coding unless `length` is known.
struct Stream {
  std::unique_ptr<ByteSource> source;
  std::optional<std::uint64_t> length;
};

using Body = std::variant<std::string, FileRange, Stream>;

struct Response {
  int status = 200;
  Headers headers;  ///< without Content-Length and Transfer-Encoding, which follow from the body
  Body body;
  /// For answers to HEAD and for 304: the Content-Length to announce although no body is sent.
  std::optional<std::uint64_t> announced_length;
  /// For a body that is written piece by piece for as long as the peer stays, to GET: `body` is
  /// then not used, the connection ends with the feed, and no worker waits for it.
  FeedStart feed{};
};

/// Runs on a worker thread, may block. What it throws ends the connection; turning failures into
/// answers is the handler's business.
using Handler = std::function<Response(Request&)>;

}  // namespace millrace::http
